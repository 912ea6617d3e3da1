// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

// detailTypes resolves the types of error details: those of the catalog, and
// the standard ones of google.rpc, which a catalog need not hold.
type detailTypes struct {
	*dynamicpb.Types
}

var _ translate.Resolver = detailTypes{}

// FindMessageByName looks in the catalog first.
func (t detailTypes) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageType, error) {
	if mt, err := t.Types.FindMessageByName(name); err == nil {
		return mt, nil
	}
	return protoregistry.GlobalTypes.FindMessageByName(name)
}

// FindMessageByURL looks in the catalog first.
func (t detailTypes) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	if mt, err := t.Types.FindMessageByURL(url); err == nil {
		return mt, nil
	}
	return protoregistry.GlobalTypes.FindMessageByURL(url)
}

// A statusWriter writes google.rpc.Status as JSON.
type statusWriter struct {
	program *translate.Program
	options translate.WriteOptions
}

func newStatusWriter(types *dynamicpb.Types, options translate.WriteOptions) (*statusWriter, error) {
	md := (*spb.Status)(nil).ProtoReflect().Descriptor()
	program, err := translate.NewCompiler(detailTypes{types}).Compile(md)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", md.FullName(), err)
	}
	return &statusWriter{program: program, options: options}, nil
}

// append appends the JSON of st. Where grpc-gateway gives up the whole answer
// because of one detail of a type that it does not know, that detail is written
// with its encoded value instead.
func (w *statusWriter) append(dst []byte, st *status.Status) []byte {
	message := st.Proto()
	if out, err := w.appendMessage(dst, message); err == nil {
		return out
	}
	details := message.GetDetails()
	message.Details = nil
	dst, err := w.appendMessage(dst, message)
	if err != nil || len(details) == 0 {
		return appendBareStatus(dst, message)
	}
	written := make([]json.RawMessage, len(details))
	for i, detail := range details {
		message.Details = details[i : i+1]
		if written[i] = w.detail(message); written[i] == nil {
			written[i] = opaqueDetail(detail.GetTypeUrl(), detail.GetValue())
		}
	}
	return insertDetails(dst, written)
}

func (w *statusWriter) appendMessage(dst []byte, message *spb.Status) ([]byte, error) {
	wire, err := proto.Marshal(message)
	if err != nil {
		return dst, fmt.Errorf("encode status: %w", err)
	}
	out, err := w.program.AppendJSON(dst, wire, w.options)
	if err != nil {
		return dst, fmt.Errorf("translate status: %w", err)
	}
	return out, nil
}

// detail returns the JSON of the one detail of message, or nil.
func (w *statusWriter) detail(message *spb.Status) json.RawMessage {
	out, err := w.appendMessage(nil, message)
	if err != nil {
		return nil
	}
	var parsed struct {
		Details []json.RawMessage `json:"details"`
	}
	if err := json.Unmarshal(out, &parsed); err != nil || len(parsed.Details) != 1 {
		return nil
	}
	return parsed.Details[0]
}

func opaqueDetail(url string, value []byte) json.RawMessage {
	out, err := json.Marshal(map[string]string{"@type": url, "value": base64.StdEncoding.EncodeToString(value)})
	if err != nil {
		return json.RawMessage("{}")
	}
	return out
}

// insertDetails puts details into the status object at the end of dst, which
// has none, or an empty list of them at its end.
func insertDetails(dst []byte, details []json.RawMessage) []byte {
	dst = dst[:len(dst)-len("}")]
	if list := []byte(`,"details":[]`); len(dst) > len(list) && slices.Equal(dst[len(dst)-len(list):], list) {
		dst = dst[:len(dst)-len(list)]
	}
	dst = append(dst, `,"details":[`...)
	for i, detail := range details {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, detail...)
	}
	return append(dst, "]}"...)
}

// appendBareStatus is for a message that is not UTF-8, which Protobuf refuses.
func appendBareStatus(dst []byte, message *spb.Status) []byte {
	text, err := json.Marshal(message.GetMessage())
	if err != nil {
		text = []byte(`""`)
	}
	return fmt.Appendf(dst, `{"code":%d,"message":%s,"details":[]}`, message.GetCode(), text)
}
