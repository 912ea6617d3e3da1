// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	supportv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/support/v1"
)

// maxChatLines bounds what is kept of one chat: its latest lines.
const maxChatLines = 200

var _ supportv1.ChatServiceServer = (*chatServer)(nil)

// A chatServer answers the calls of ChatService.
type chatServer struct {
	supportv1.UnimplementedChatServiceServer

	shop *Shop
}

// Chat implements [supportv1.ChatServiceServer].
func (c *chatServer) Chat(stream supportv1.ChatService_ChatServer) error {
	chat := c.shop.newChat(stream)
	if err := stream.SendHeader(metadata.Pairs("chat-id", strconv.FormatUint(chat.id, 10))); err != nil {
		return err
	}
	if err := chat.say("Good day! What are you looking for?", nil); err != nil {
		return err
	}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return chat.say("Goodbye, and happy reading!", nil)
		}
		if err != nil {
			return err
		}
		if err := chat.answer(request); err != nil {
			return err
		}
	}
}

// A chat is one conversation in progress.
type chat struct {
	shop     *Shop
	id       uint64
	sequence int64
	stream   supportv1.ChatService_ChatServer
}

func (s *Shop) newChat(stream supportv1.ChatService_ChatServer) *chat {
	return &chat{shop: s, id: s.chats.open(), stream: stream}
}

// answer says what there is to say to one request.
func (c *chat) answer(request *supportv1.ChatRequest) error {
	switch event := request.GetEvent().(type) {
	case *supportv1.ChatRequest_Text:
		c.note(supportv1.Speaker_SPEAKER_CUSTOMER, event.Text)
		books := c.shop.booksIn(event.Text)
		if len(books) == 0 {
			return c.say(fmt.Sprintf("You said %q. Tell me a title, and I look it up.", event.Text), nil)
		}
		return c.say(offer(books), books)
	case *supportv1.ChatRequest_Book:
		c.note(supportv1.Speaker_SPEAKER_CUSTOMER, event.Book)
		books, err := c.shop.booksNamed([]string{event.Book})
		if err != nil {
			return c.say("We don't have "+event.Book+".", nil)
		}
		return c.say(offer(books), books)
	case *supportv1.ChatRequest_Typing:
		return nil
	default:
		return badField("event", "a text, a book or typing has to be given")
	}
}

// say sends text to the customer.
func (c *chat) say(text string, books []*catalogv1.Book) error {
	c.note(supportv1.Speaker_SPEAKER_SHOP, text)
	c.sequence++
	response := &supportv1.ChatResponse{ChatId: c.id, Sequence: c.sequence, Text: text}
	for _, book := range books {
		response.Books = append(response.Books, book.GetName())
	}
	return c.stream.Send(response)
}

// note writes down what was said.
func (c *chat) note(speaker supportv1.Speaker, text string) {
	c.shop.chats.add(c.id, &supportv1.GetTranscriptResponse_Line{
		Speaker: speaker, Text: text, Time: timestamppb.New(c.shop.options.Now()),
	})
}

// booksIn returns the books whose titles are mentioned in text.
func (s *Shop) booksIn(text string) []*catalogv1.Book {
	text = strings.ToLower(text)
	return s.selectBooks(func(book *catalogv1.Book) bool {
		return strings.Contains(text, strings.ToLower(book.GetTitle()))
	})
}

// offer says what books cost, and how many there are.
func offer(books []*catalogv1.Book) string {
	sentences := make([]string, 0, len(books))
	for _, book := range books {
		cents := book.GetPrice().GetCents()
		sentences = append(sentences, fmt.Sprintf("%s costs %d.%02d %s, and %d are in stock.",
			book.GetTitle(), cents/100, cents%100, book.GetPrice().GetCurrencyCode(), book.GetStock())) //nolint:mnd // cents
	}
	return strings.Join(sentences, " ")
}

// GetTranscript implements [supportv1.ChatServiceServer].
func (c *chatServer) GetTranscript(
	_ context.Context, request *supportv1.GetTranscriptRequest,
) (*supportv1.GetTranscriptResponse, error) {
	lines, ok := c.shop.chats.transcript(request.GetChatId())
	if !ok {
		return nil, notFound(typeChat, fmt.Sprintf("chats/%d", request.GetChatId()))
	}
	return &supportv1.GetTranscriptResponse{Lines: lines}, nil
}

// A chatLog keeps the latest chats. It is safe for concurrent use.
type chatLog struct {
	mu    sync.Mutex
	limit int
	last  uint64
	lines map[uint64][]*supportv1.GetTranscriptResponse_Line
}

func newChatLog(limit int) *chatLog {
	return &chatLog{limit: limit, lines: make(map[uint64][]*supportv1.GetTranscriptResponse_Line)}
}

// open begins a chat and returns its number.
func (l *chatLog) open() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.lines[l.last] = nil
	delete(l.lines, l.last-uint64(l.limit))
	return l.last
}

// add appends line to the chat with that number, unless it is gone.
func (l *chatLog) add(id uint64, line *supportv1.GetTranscriptResponse_Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, ok := l.lines[id]
	if !ok {
		return
	}
	if len(lines) == maxChatLines {
		// A copy, because a transcript may be on its way to somebody.
		lines = append([]*supportv1.GetTranscriptResponse_Line(nil), lines[1:]...)
	}
	l.lines[id] = append(lines, line)
}

// transcript returns the lines of a chat, and whether it is kept.
func (l *chatLog) transcript(id uint64) ([]*supportv1.GetTranscriptResponse_Line, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, ok := l.lines[id]
	return lines, ok
}
