// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func TestListShelves(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	got := must[*catalogv1.ListShelvesResponse](t)(shop.catalog.ListShelves(t.Context(), &catalogv1.ListShelvesRequest{}))
	want := &catalogv1.ListShelvesResponse{Shelves: []*catalogv1.Shelf{
		{Name: "shelves/children", Title: "For children", BookCount: 2},
		{Name: "shelves/fiction", Title: "Novels", BookCount: 2},
		{Name: "shelves/history", Title: "History", BookCount: 2},
		{Name: "shelves/science-fiction", Title: "Science fiction", BookCount: 4},
		{Name: "shelves/technology", Title: "Science and technology", BookCount: 2},
	}}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestListReleases(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	got := must[*catalogv1.ListReleasesResponse](t)(shop.catalog.ListReleases(t.Context(),
		&catalogv1.ListReleasesRequest{Since: date(1871, time.December, 27), ReadMask: mask("name")}))
	want := &catalogv1.ListReleasesResponse{Books: []*catalogv1.Book{
		{Name: "shelves/science-fiction/books/war-of-the-worlds"}, {Name: timeMachine}, {Name: lookingGlass},
	}}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	_, err := shop.catalog.ListReleases(t.Context(), &catalogv1.ListReleasesRequest{})
	wantField(t, err, "since")
	_, err = shop.catalog.ListReleases(t.Context(), &catalogv1.ListReleasesRequest{Since: &timestamppb.Timestamp{Nanos: -1}})
	wantField(t, err, "since")
	_, err = shop.catalog.ListReleases(t.Context(), &catalogv1.ListReleasesRequest{ReadMask: mask("nothing")})
	wantField(t, err, "read_mask")
}

func TestBatchGet(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	books := must[*catalogv1.BatchGetBooksResponse](t)(shop.catalog.BatchGetBooks(t.Context(),
		&catalogv1.BatchGetBooksRequest{Names: []string{timeMachine, emma, timeMachine}})).GetBooks()
	var names []string
	for _, book := range books {
		names = append(names, book.GetName())
	}
	if d := diff([]string{timeMachine, emma, timeMachine}, names); d != "" {
		t.Errorf("books (-want +got):\n%s", d)
	}
	_, err := shop.catalog.BatchGetBooks(t.Context(), &catalogv1.BatchGetBooksRequest{Names: []string{emma, nowhere}})
	wantCode(t, err, codes.NotFound)

	authors := must[*catalogv1.BatchGetAuthorsResponse](t)(shop.catalog.BatchGetAuthors(t.Context(),
		&catalogv1.BatchGetAuthorsRequest{Names: []string{"authors/thucydides"}}))
	want := &catalogv1.BatchGetAuthorsResponse{Authors: []*catalogv1.Author{
		{Name: "authors/thucydides", DisplayName: "Thucydides"},
	}}
	if d := diff(want, authors); d != "" {
		t.Errorf("authors (-want +got):\n%s", d)
	}
	_, err = shop.catalog.BatchGetAuthors(t.Context(), &catalogv1.BatchGetAuthorsRequest{Names: []string{"authors/x"}})
	wantCode(t, err, codes.NotFound)
}

func TestCountBooks(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for _, test := range []struct {
		name  string
		genre catalogv1.Genre
		want  *catalogv1.CountBooksResponse
	}{
		{"history, of which one has no date", catalogv1.Genre_GENRE_HISTORY, &catalogv1.CountBooksResponse{
			Titles: 2, Copies: 5, TitlesByDecade: map[int32]int64{1770: 1},
		}},
		{"all", catalogv1.Genre_GENRE_UNSPECIFIED, &catalogv1.CountBooksResponse{
			Titles: 12, Copies: 87,
			TitlesByDecade: map[int32]int64{1740: 1, 1770: 1, 1810: 3, 1840: 1, 1860: 1, 1870: 2, 1890: 2},
		}},
		{"unknown", 99, &catalogv1.CountBooksResponse{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := must[*catalogv1.CountBooksResponse](t)(
				shop.catalog.CountBooks(t.Context(), &catalogv1.CountBooksRequest{Genre: test.genre}))
			if d := diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestGetCategory(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	got := must[*catalogv1.GetCategoryResponse](t)(
		shop.catalog.GetCategory(t.Context(), &catalogv1.GetCategoryRequest{Path: "fiction/science"}))
	want := &catalogv1.GetCategoryResponse{Category: &catalogv1.Category{
		Path: "fiction/science", Title: "Science", Books: []string{frankenstein},
		Children: []*catalogv1.Category{
			{Path: "fiction/science/sea", Title: "Sea", Books: []string{"shelves/science-fiction/books/twenty-thousand-leagues"}},
			{Path: "fiction/science/space", Title: "Space", Books: []string{"shelves/science-fiction/books/war-of-the-worlds"}},
			{Path: "fiction/science/time", Title: "Time", Books: []string{timeMachine}},
		},
	}}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	all := must[*catalogv1.GetCategoryResponse](t)(
		shop.catalog.GetCategory(t.Context(), &catalogv1.GetCategoryRequest{})).GetCategory()
	if n := len(all.GetChildren()); all.GetTitle() != "Everything" || n != 3 {
		t.Errorf("the root is %q with %d children, want 3", all.GetTitle(), n)
	}
	for _, path := range []string{"poetry", "fict", "fiction/science/time/travel"} {
		_, err := shop.catalog.GetCategory(t.Context(), &catalogv1.GetCategoryRequest{Path: path})
		wantCode(t, err, codes.NotFound)
	}
}

func TestAuthors(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxBooks: 12})
	got := must[*catalogv1.Author](t)(
		shop.catalog.GetAuthor(t.Context(), &catalogv1.GetAuthorRequest{Name: "authors/emilie-du-chatelet"}))
	want := &catalogv1.Author{
		Name: "authors/emilie-du-chatelet", DisplayName: "Émilie du Châtelet", BirthTime: date(1706, time.December, 17),
	}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	_, err := shop.catalog.GetAuthor(t.Context(), &catalogv1.GetAuthorRequest{Name: "authors/x"})
	wantCode(t, err, codes.NotFound)

	create := func(author *catalogv1.Author) (*catalogv1.Author, error) {
		return shop.catalog.CreateAuthor(t.Context(), &catalogv1.CreateAuthorRequest{Author: author})
	}
	_, err = create(nil)
	wantField(t, err, "author")
	_, err = create(&catalogv1.Author{Name: "authors/a"})
	wantField(t, err, "author.display_name")
	for _, name := range []string{"somebody", "authors/", "authors/A"} {
		_, err = create(&catalogv1.Author{Name: name, DisplayName: "A"})
		wantField(t, err, "author.name")
	}
	_, err = create(&catalogv1.Author{DisplayName: "Jane Austen"})
	wantCode(t, err, codes.AlreadyExists)
	if made := must[*catalogv1.Author](t)(create(&catalogv1.Author{DisplayName: "E. M. Forster"})); made.GetName() != "authors/e-m-forster" {
		t.Errorf("got %s, want authors/e-m-forster", made.GetName())
	}
	must[*catalogv1.Author](t)(create(&catalogv1.Author{Name: "authors/tolstoy", DisplayName: "Лев Толстой"}))
	_, err = create(&catalogv1.Author{DisplayName: "One too many"})
	wantCode(t, err, codes.ResourceExhausted)
}

func TestRecommendBooks(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	recommend := func(limit uint32, liked ...string) []*catalogv1.RecommendBooksResponse_Recommendation {
		return must[*catalogv1.RecommendBooksResponse](t)(shop.catalog.RecommendBooks(t.Context(),
			&catalogv1.RecommendBooksRequest{Liked: liked, Limit: limit})).GetRecommendations()
	}
	best := recommend(1, emma)
	if len(best) != 1 || best[0].GetBook().GetName() != pride || best[0].GetScore() != 1 {
		t.Errorf("got %v, want %s with score 1", best, pride)
	}
	if d := diff([]string{"by an author of Emma", "of the kind of Emma", "about fiction/society"}, best[0].GetReasons()); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	if n := len(recommend(0, emma, timeMachine)); n != 3 {
		t.Errorf("got %d books without a limit, want 3", n)
	}
	if n := len(recommend(0)); n != 0 {
		t.Errorf("got %d books like none, want 0", n)
	}
	_, err := shop.catalog.RecommendBooks(t.Context(), &catalogv1.RecommendBooksRequest{Liked: []string{nowhere}})
	wantCode(t, err, codes.NotFound)
}
