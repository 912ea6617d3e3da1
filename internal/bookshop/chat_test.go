// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	supportv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/support/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func saying(text string) *supportv1.ChatRequest {
	return &supportv1.ChatRequest{Event: &supportv1.ChatRequest_Text{Text: text}}
}

func pointing(book string) *supportv1.ChatRequest {
	return &supportv1.ChatRequest{Event: &supportv1.ChatRequest_Book{Book: book}}
}

func TestChat(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.chats.Chat(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The header comes before anything is said.
	header, err := stream.Header()
	if err != nil {
		t.Fatal(err)
	}
	if d := diff([]string{"1"}, header["chat-id"]); d != "" {
		t.Errorf("chat-id: %s", d)
	}
	sequence := int64(0)
	hear := func(text string, books ...string) {
		t.Helper()
		sequence++
		want := &supportv1.ChatResponse{ChatId: 1, Sequence: sequence, Text: text, Books: books}
		if d := diff(want, must[*supportv1.ChatResponse](t)(stream.Recv())); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	say := func(request *supportv1.ChatRequest) {
		t.Helper()
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
	}
	hear("Good day! What are you looking for?")
	say(saying("hello"))
	hear(`You said "hello". Tell me a title, and I look it up.`)
	say(&supportv1.ChatRequest{Event: &supportv1.ChatRequest_Typing{Typing: &emptypb.Empty{}}})
	say(saying("EMMA or The Time Machine?"))
	hear("Emma costs 9.90 EUR, and 8 are in stock. The Time Machine costs 6.99 EUR, and 7 are in stock.", emma, timeMachine)
	say(pointing(frankenstein))
	hear("Frankenstein costs 8.50 EUR, and 11 are in stock.", frankenstein)
	say(pointing(nowhere))
	hear("We don't have " + nowhere + ".")
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	hear("Goodbye, and happy reading!")

	lines := must[*supportv1.GetTranscriptResponse](t)(
		shop.chats.GetTranscript(t.Context(), &supportv1.GetTranscriptRequest{ChatId: 1})).GetLines()
	if len(lines) != 10 {
		t.Fatalf("got %d lines, want 10", len(lines))
	}
	want := &supportv1.GetTranscriptResponse_Line{
		Speaker: supportv1.Speaker_SPEAKER_CUSTOMER, Text: "hello", Time: timestamppb.New(today),
	}
	if d := diff(want, lines[1]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestChatRefused(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.chats.Chat(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	must[*supportv1.ChatResponse](t)(stream.Recv())
	if err := stream.Send(&supportv1.ChatRequest{}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantField(t, err, "event")
	_, err = shop.chats.GetTranscript(t.Context(), &supportv1.GetTranscriptRequest{ChatId: 2})
	wantCode(t, err, codes.NotFound)
}

// TestChatsKept checks that a chat beyond those that are kept takes the place
// of the oldest, which goes on all the same.
func TestChatsKept(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxChats: 2})
	var streams []supportv1.ChatService_ChatClient
	for range 3 {
		stream, err := shop.chats.Chat(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		must[*supportv1.ChatResponse](t)(stream.Recv())
		streams = append(streams, stream)
	}
	for id, want := range map[uint64]codes.Code{1: codes.NotFound, 2: codes.OK, 3: codes.OK} {
		_, err := shop.chats.GetTranscript(t.Context(), &supportv1.GetTranscriptRequest{ChatId: id})
		wantCode(t, err, want)
	}
	if err := streams[0].Send(saying("still here?")); err != nil {
		t.Fatal(err)
	}
	must[*supportv1.ChatResponse](t)(streams[0].Recv())
}

// TestLongChat checks that the latest lines of a chat are kept.
func TestLongChat(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.chats.Chat(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	must[*supportv1.ChatResponse](t)(stream.Recv())
	transcript := func() []*supportv1.GetTranscriptResponse_Line {
		return must[*supportv1.GetTranscriptResponse](t)(
			shop.chats.GetTranscript(t.Context(), &supportv1.GetTranscriptRequest{ChatId: 1})).GetLines()
	}
	for n := 1; n <= 100; n++ {
		if err := stream.Send(saying("more")); err != nil {
			t.Fatal(err)
		}
		must[*supportv1.ChatResponse](t)(stream.Recv())
		lines := transcript()
		if want := min(1+2*n, 200); len(lines) != want {
			t.Fatalf("got %d lines after %d answers, want %d", len(lines), n, want)
		}
		if greeted := strings.HasPrefix(lines[0].GetText(), "Good day"); greeted != (n < 100) {
			t.Errorf("the greeting is kept after %d answers: %v", n, greeted)
		}
	}
}
