// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// TestHTTPStatus goes through all codes, and one that there is not.
func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	want := map[codes.Code]int{
		codes.OK: 200, codes.Canceled: 499, codes.Unknown: 500, codes.InvalidArgument: 400,
		codes.DeadlineExceeded: 504, codes.NotFound: 404, codes.AlreadyExists: 409,
		codes.PermissionDenied: 403, codes.ResourceExhausted: 429, codes.FailedPrecondition: 400,
		codes.Aborted: 409, codes.OutOfRange: 400, codes.Unimplemented: 501, codes.Internal: 500,
		codes.Unavailable: 503, codes.DataLoss: 500, codes.Unauthenticated: 401, 17: 500,
	}
	for code, status := range want {
		if got := httpStatus(code); got != status {
			t.Errorf("httpStatus(%v) = %d, want %d", code, got, status)
		}
		if got := runtime.HTTPStatusFromCode(code); got != status {
			t.Errorf("grpc-gateway has %d for %v, want %d", got, code, status)
		}
	}
}

func TestParseTimeout(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		want   time.Duration // negative: an error
	}{
		{"1H", time.Hour}, {"2M", 2 * time.Minute}, {"3S", 3 * time.Second}, {"4m", 4 * time.Millisecond},
		{"5u", 5 * time.Microsecond}, {"6n", 6}, {"0S", 0}, {"2562047H", 2562047 * time.Hour},
		{"2562048H", math.MaxInt64}, {"18446744073709551615n", math.MaxInt64},
		{"", -1}, {"S", -1}, {"1", -1}, {"1s", -1}, {"-1S", -1}, {"+1S", -1}, {"1.5S", -1}, {"18446744073709551616n", -1},
	}
	for _, test := range tests {
		got, err := parseTimeout(test.header)
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("parseTimeout(%q) = %v, %v, want %v", test.header, got, err, test.want)
		}
	}
}

// split reads all values, each byte in a read of its own if slow.
func split(body []byte, limit int, slow bool) ([]string, error) {
	var source io.Reader = bytes.NewReader(body)
	if slow {
		source = iotest.OneByteReader(source)
	}
	reader := newValueReader(source, limit)
	var values []string
	for {
		value, err := reader.read()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return values, err
		}
		values = append(values, string(value))
	}
}

func TestValueReader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       []string
		wrong      string // what the error says, if there is one
	}{
		{name: "nothing"},
		{name: "white space", body: " \n\t\r"},
		{name: "objects", body: "{}\n{\"a\":{}} {\"b\":[1,2]}{\"c\":\"}\\\"\"}", want: []string{`{}`, `{"a":{}}`, `{"b":[1,2]}`, `{"c":"}\""}`}},
		{name: "scalars", body: "1 true null\n-0.5e+3\"a\"\"b\"[]false", want: []string{"1", "true", "null", "-0.5e+3", `"a"`, `"b"`, "[]", "false"}},
		{name: "truncated", body: `{}{"a":`, want: []string{"{}"}, wrong: "offset 7: unexpected end of JSON"},
		{name: "truncated word", body: `tru`, wrong: "offset 3: unexpected end of JSON"},
		{name: "trailing comma", body: `{"a":1,}`, wrong: "offset 7: unexpected character '}'"},
		{name: "no comma", body: `[1 2]`, wrong: "offset 3: unexpected character '2'"},
		{name: "key", body: `{1:2}`, wrong: "offset 1: unexpected character '1'"},
		{name: "no colon", body: `{"a" 1}`, wrong: "offset 5: unexpected character '1'"},
		{name: "wrong bracket", body: `{"a":[}`, wrong: "offset 6: unexpected character '}'"},
		{name: "comma between", body: `{},{}`, want: []string{"{}"}, wrong: "offset 2: unexpected character ','"},
		{name: "word", body: `[nope]`, wrong: "offset 2: unexpected character 'o'"},
		{name: "number", body: `[01]`, wrong: `offset 3: "01" is not a value`},
		{name: "control character", body: "\"a\nb\"", wrong: `offset 2: unexpected character '\n'`},
		{name: "too large", body: `{"a":"0123456789012345678901234567890"}`, wrong: "too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, slow := range []bool{false, true} {
				values, err := split([]byte(test.body), 32, slow)
				if diff := cmp.Diff(test.want, values); diff != "" {
					t.Errorf("values mismatch (-want +got):\n%s", diff)
				}
				if wrong := errorText(err); wrong != test.wrong {
					t.Errorf("error = %q, want %q", wrong, test.wrong)
				}
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestValueReaderLimits goes to each limit and one beyond.
func TestValueReaderLimits(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	number := func(n int) string { return strings.Repeat("1", n) }
	tests := []struct {
		name, fits, over string
		limit            int
	}{
		{name: "size", fits: "\n\n" + `"` + strings.Repeat("a", 98) + `"` + "\n\n", over: `"` + strings.Repeat("a", 99) + `"`, limit: 100},
		{name: "nesting", fits: deep(maxNesting), over: deep(maxNesting + 1), limit: 10 * maxNesting},
		{name: "number", fits: number(longestLiteral), over: number(longestLiteral + 1), limit: 10 * longestLiteral},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if values, err := split([]byte(test.fits), test.limit, false); err != nil || len(values) != 1 {
				t.Errorf("n: %d values, %v, want one", len(values), err)
			}
			if values, err := split([]byte(test.over), test.limit, false); err == nil || len(values) != 0 {
				t.Errorf("n+1: %d values, %v, want an error", len(values), err)
			}
		})
	}
}

// FuzzBody splits a stream as encoding/json does.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"a":[1,2,{"b":null}]}` + "\n" + `{"c":"\u0041"}`, "1 2", "[tru", `{"a":1,}`, "nulltrue", "1.5e3-1", "\"a\\\"\"\"b\"", "[]]", "{},{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, gotErr := split(body, 1<<20, false)
		slow, slowErr := split(body, 1<<20, true)
		if diff := cmp.Diff(got, slow); diff != "" || errorText(gotErr) != errorText(slowErr) {
			t.Errorf("%q depends on how it arrives: %v and %v (-at once +slowly):\n%s", body, gotErr, slowErr, diff)
		}
		// The contents of strings are not looked at here.
		for i, value := range got {
			if !json.Valid([]byte(value)) {
				if !strings.Contains(value, `\`) {
					t.Errorf("%q: value %q is not JSON", body, value)
				}
				got, gotErr = got[:i], errors.New("a string is malformed")
				break
			}
		}
		var want []string
		var wantErr error
		for decoder := json.NewDecoder(bytes.NewReader(body)); ; {
			var value json.RawMessage
			if wantErr = decoder.Decode(&value); wantErr != nil {
				break
			}
			// Where encoding/json takes "nulltrue" for two values, a literal
			// here ends at white space or at what can surround a value.
			if end := int(decoder.InputOffset()); !strings.ContainsAny(string(value[:1]), `{["`) &&
				end < len(body) && !bytes.ContainsAny(body[end:end+1], " \t\r\n,:\"[]{}") {
				wantErr = errors.New("literals adjoin")
				break
			}
			want = append(want, string(value))
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: values mismatch (-encoding/json +got):\n%s", body, diff)
		}
		if errors.Is(wantErr, io.EOF) != (gotErr == nil) {
			t.Errorf("%q: error = %v, encoding/json has %v", body, gotErr, wantErr)
		}
	})
}

// FuzzHTTPBody reads a google.api.HttpBody in pieces as the reference
// implementation reads it in one. Groups, which it has none of, are refused.
func FuzzHTTPBody(f *testing.F) {
	f.Add([]byte("\x0a\x03a/b\x12\x02\x00\xff"), uint8(3))
	f.Add([]byte("\x12\x01a\x12\x01b\x18\x96\x01\x25\x01\x02\x03\x04"), uint8(1))
	f.Add([]byte("\x12\x80\x00\x0a\x81\x00a"), uint8(2))
	f.Fuzz(func(t *testing.T, wire []byte, size uint8) {
		var want httpbody.HttpBody
		wantErr := proto.Unmarshal(wire, &want)
		var message mem.BufferSlice
		for rest := wire; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			message = append(message, mem.SliceBuffer(rest[:n]))
			rest = rest[n:]
		}
		got, err := readHTTPBody(message, nil)
		if wantErr != nil {
			return // What is no message may be read as far as it goes.
		}
		if err != nil {
			for _, field := range wireFields(wire) {
				if field.kind == protowire.StartGroupType {
					return
				}
			}
			t.Fatalf("%x: %v", wire, err)
		}
		if data := bytes.Join(got.data, nil); got.contentType != want.GetContentType() || !bytes.Equal(data, want.GetData()) {
			t.Errorf("%x: got %q %x, want %q %x", wire, got.contentType, data, want.GetContentType(), want.GetData())
		}
	})
}
