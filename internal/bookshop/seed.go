// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
)

// seed fills an empty shop. Whatever it puts there is the same in every shop,
// the times as well.
func (s *Shop) seed() {
	opened := timestamppb.New(time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC))
	for _, shelf := range seedShelves() {
		s.shelves[shelf.GetName()] = shelf
	}
	for _, author := range seedAuthors() {
		s.authors[author.GetName()] = author
	}
	for _, review := range seedReviews() {
		s.reviews[review.GetBook()] = append(s.reviews[review.GetBook()], review)
	}
	for _, book := range seedBooks() {
		book.Rating = meanRating(s.reviews[book.GetName()])
		book.State = catalogv1.BookState_BOOK_STATE_ACTIVE
		book.CreateTime = opened
		s.storeBook(book, catalogv1.WatchStockResponse_CAUSE_COUNTED)
		book.UpdateTime = opened
	}
}

// meanRating returns the mean of the stars of reviews, or nil if there is none.
func meanRating(reviews []*catalogv1.Review) *wrapperspb.DoubleValue {
	if len(reviews) == 0 {
		return nil
	}
	sum := uint32(0)
	for _, review := range reviews {
		sum += review.GetStars()
	}
	return wrapperspb.Double(float64(sum) / float64(len(reviews)))
}

func seedShelves() []*catalogv1.Shelf {
	return []*catalogv1.Shelf{
		{Name: "shelves/children", Title: "For children"},
		{Name: "shelves/fiction", Title: "Novels"},
		{Name: "shelves/history", Title: "History"},
		{Name: "shelves/science-fiction", Title: "Science fiction"},
		{Name: "shelves/technology", Title: "Science and technology"},
	}
}

func seedAuthors() []*catalogv1.Author {
	return []*catalogv1.Author{
		{Name: "authors/ada-lovelace", DisplayName: "Ada Lovelace", BirthTime: date(1815, time.December, 10)},
		{Name: "authors/edward-gibbon", DisplayName: "Edward Gibbon", BirthTime: date(1737, time.May, 8)},
		{Name: "authors/emilie-du-chatelet", DisplayName: "Émilie du Châtelet", BirthTime: date(1706, time.December, 17)},
		{
			Name: "authors/h-g-wells", DisplayName: "H. G. Wells", BirthTime: date(1866, time.September, 21),
			Links: map[string]string{"encyclopedia": "https://en.wikipedia.org/wiki/H._G._Wells"},
		},
		{Name: "authors/jane-austen", DisplayName: "Jane Austen", BirthTime: date(1775, time.December, 16)},
		{Name: "authors/jules-verne", DisplayName: "Jules Verne", BirthTime: date(1828, time.February, 8)},
		{Name: "authors/lewis-carroll", DisplayName: "Lewis Carroll", BirthTime: date(1832, time.January, 27)},
		{Name: "authors/luigi-menabrea", DisplayName: "Luigi Menabrea", BirthTime: date(1809, time.September, 4)},
		{Name: "authors/mary-shelley", DisplayName: "Mary Shelley", BirthTime: date(1797, time.August, 30)},
		// Born too early for a Timestamp.
		{Name: "authors/thucydides", DisplayName: "Thucydides"},
	}
}

func seedReviews() []*catalogv1.Review {
	const machine, frankenstein, alice = "shelves/science-fiction/books/the-time-machine",
		"shelves/science-fiction/books/frankenstein", "shelves/children/books/alice-in-wonderland"
	return []*catalogv1.Review{
		{
			Book: machine, Reader: "Filby", Stars: 5, Votes: 12, Text: "I was there when he came back.",
			CreateTime: date(2026, time.June, 2),
		},
		{
			Book: machine, Reader: "Weena", Stars: 3, Votes: 3, Text: "Too short, like a summer's day.",
			CreateTime: date(2026, time.April, 18),
		},
		{
			Book: machine, Reader: "A Morlock", Stars: 1, Votes: -7, Text: "Unfair to those who keep the machines running.",
			CreateTime: date(2026, time.March, 1),
		},
		{
			Book: frankenstein, Reader: "Robert Walton", Stars: 5, Votes: 20, Text: "Read it on the ice.",
			CreateTime: date(2026, time.February, 11),
		},
		{
			Book: alice, Reader: "Dinah", Stars: 3, Votes: 0, Text: "Not enough of the cat.",
			CreateTime: date(2026, time.May, 4),
		},
	}
}

// seedBook fills in what is written alike for every book.
func seedBook(book *catalogv1.Book, title, isbn string, cents int64, stock int32, authors ...string) *catalogv1.Book {
	book.Title = title
	book.Isbn = isbn
	book.Price = &typev1.Money{CurrencyCode: currency, Cents: cents}
	book.Stock = stock
	for _, author := range authors {
		book.Authors = append(book.Authors, "authors/"+author)
	}
	return book
}

func seedBooks() []*catalogv1.Book {
	books := []*catalogv1.Book{
		seedBook(&catalogv1.Book{
			Name:        "shelves/children/books/alice-in-wonderland",
			Genre:       catalogv1.Genre_GENRE_CHILDREN,
			PublishTime: date(1865, time.November, 26),
			PageCount:   192,
			Bindings:    []catalogv1.Binding{catalogv1.Binding_BINDING_HARDCOVER},
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/fantasy"},
		}, "Alice in Wonderland", "9780000000071", 1250, 14, "lewis-carroll"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/children/books/through-the-looking-glass",
			Genre:       catalogv1.Genre_GENRE_CHILDREN,
			PublishTime: date(1871, time.December, 27),
			PageCount:   224,
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/fantasy"},
		}, "Through the Looking-Glass", "9780000000149", 1250, 0, "lewis-carroll"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/fiction/books/emma",
			Genre:       catalogv1.Genre_GENRE_FICTION,
			PublishTime: date(1815, time.December, 23),
			PageCount:   474,
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/society"},
		}, "Emma", "9780000000217", 990, 8, "jane-austen"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/fiction/books/pride-and-prejudice",
			Genre:       catalogv1.Genre_GENRE_FICTION,
			PublishTime: date(1813, time.January, 28),
			PageCount:   432,
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/society"},
		}, "Pride and Prejudice", "9780000000286", 990, 21, "jane-austen"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/history/books/decline-and-fall",
			Subtitle:    wrapperspb.String("Volume I"),
			Genre:       catalogv1.Genre_GENRE_HISTORY,
			PublishTime: date(1776, time.February, 17),
			PageCount:   704,
			Labels:      map[string]string{"language": "en", labelSubject: "history/rome"},
		}, "The History of the Decline and Fall of the Roman Empire", "9780000000354", 3400, 2, "edward-gibbon"),
		seedBook(&catalogv1.Book{
			Name:      "shelves/history/books/peloponnesian-war",
			Genre:     catalogv1.Genre_GENRE_HISTORY,
			PageCount: 648,
			Labels:    map[string]string{"language": "grc", labelSubject: "history/greece"},
		}, "History of the Peloponnesian War", "9780000000422", 1890, 3, "thucydides"),
	}
	return append(books, seedScience()...)
}

func seedScience() []*catalogv1.Book {
	return []*catalogv1.Book{
		seedBook(&catalogv1.Book{
			Name:        "shelves/science-fiction/books/frankenstein",
			Subtitle:    wrapperspb.String("Or, the Modern Prometheus"),
			Genre:       catalogv1.Genre_GENRE_SCIENCE_FICTION,
			PublishTime: date(1818, time.January, 1),
			PageCount:   280,
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/science"},
		}, "Frankenstein", "9780000000491", 850, 11, "mary-shelley"),
		timeMachine(),
		seedBook(&catalogv1.Book{
			Name:        "shelves/science-fiction/books/twenty-thousand-leagues",
			Genre:       catalogv1.Genre_GENRE_SCIENCE_FICTION,
			PublishTime: date(1870, time.June, 20),
			PageCount:   426,
			Labels:      map[string]string{"language": "fr", labelSubject: "fiction/science/sea"},
		}, "Vingt mille lieues sous les mers", "9780000000637", 1400, 6, "jules-verne"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/science-fiction/books/war-of-the-worlds",
			Genre:       catalogv1.Genre_GENRE_SCIENCE_FICTION,
			PublishTime: date(1898, time.January, 1),
			PageCount:   287,
			Labels:      map[string]string{"language": "en", labelSubject: "fiction/science/space"},
		}, "The War of the Worlds", "9780000000705", 799, 9, "h-g-wells"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/technology/books/analytical-engine",
			Genre:       catalogv1.Genre_GENRE_TECHNOLOGY,
			PublishTime: date(1843, time.September, 1),
			PageCount:   66,
			Bindings:    []catalogv1.Binding{catalogv1.Binding_BINDING_EBOOK},
			Labels:      map[string]string{"language": "en", labelSubject: "science/computing"},
		}, "Sketch of the Analytical Engine", "9780000000774", 2200, 5, "luigi-menabrea", "ada-lovelace"),
		seedBook(&catalogv1.Book{
			Name:        "shelves/technology/books/institutions-de-physique",
			Genre:       catalogv1.Genre_GENRE_TECHNOLOGY,
			PublishTime: date(1740, time.January, 1),
			PageCount:   450,
			Labels:      map[string]string{"language": "fr", labelSubject: "science/physics"},
		}, "Institutions de physique", "9780000000842", 4150, 1, "emilie-du-chatelet"),
	}
}

// timeMachine is the book that has every field.
func timeMachine() *catalogv1.Book {
	blurb, spine := "A dinner guest tells what he saw at the end of the world.", uint32(9)
	return seedBook(&catalogv1.Book{
		Name:        "shelves/science-fiction/books/the-time-machine",
		Subtitle:    wrapperspb.String("An Invention"),
		Genre:       catalogv1.Genre_GENRE_SCIENCE_FICTION,
		PublishTime: date(1895, time.May, 7),
		PageCount:   84,
		Bindings: []catalogv1.Binding{
			catalogv1.Binding_BINDING_PAPERBACK, catalogv1.Binding_BINDING_HARDCOVER, catalogv1.Binding_BINDING_EBOOK,
		},
		Dimensions: &catalogv1.Book_Dimensions{HeightMm: 198, WidthMm: 129, SpineMm: &spine, WeightKg: 0.125},
		Labels:     map[string]string{"language": "en", labelSubject: "fiction/science/time"},
		Chapters: []*catalogv1.Chapter{
			{Title: "Introduction", Page: 1},
			{Title: "The Machine", Page: 6, Chapters: []*catalogv1.Chapter{
				{Title: "The Time Traveller Returns", Page: 11},
			}},
			{Title: "Epilogue", Page: 83},
		},
		Attributes: &structpb.Struct{Fields: map[string]*structpb.Value{
			"edition": structpb.NewNumberValue(3),
			"signed":  structpb.NewBoolValue(false),
			"awards":  structpb.NewListValue(&structpb.ListValue{}),
		}},
		Blurb:   &blurb,
		Barcode: 9780000000569,
	}, "The Time Machine", "9780000000569", 699, 7, "h-g-wells")
}

func date(year int, month time.Month, day int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}
