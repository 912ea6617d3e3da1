// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// fieldRules words the rules of a field. A rule without words is an error, so
// that the reference never lacks one.
func fieldRules(fd protoreflect.FieldDescriptor) ([]string, error) {
	options := new(descriptorpb.FieldOptions)
	if err := decode(fd, options); err != nil {
		return nil, err
	}
	rules, ok := proto.GetExtension(options, validate.E_Field).(*validate.FieldRules)
	if !ok {
		return nil, errors.New("buf.validate.field is of another type")
	}
	return wordAll(rules.ProtoReflect(), "")
}

// wordAll words the rules that are set in a message of rules.
func wordAll(rules protoreflect.Message, path string) ([]string, error) {
	var words []string
	var errs []error
	rules.Range(func(fd protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		// The rules for one type are a message, as is the operand of a rule for
		// durations.
		if inner, ok := value.Interface().(protoreflect.Message); ok && path == "" {
			found, err := wordAll(inner, string(fd.Name())+".")
			words, errs = append(words, found...), append(errs, err)
			return true
		}
		word, err := wordOne(path+string(fd.Name()), value)
		if errs = append(errs, err); word != "" {
			words = append(words, word)
		}
		return true
	})
	slices.Sort(words) // Range has no order.
	return words, errors.Join(errs...)
}

func wordOne(rule string, value protoreflect.Value) (string, error) {
	switch rule {
	case "required":
		return "required", nil
	case "string.min_len":
		if value.Uint() == 1 {
			return "not empty", nil
		}
		return fmt.Sprintf("at least %d characters", value.Uint()), nil
	case "string.pattern":
		return "matches `" + value.String() + "`", nil
	case "repeated.min_items":
		return fmt.Sprintf("at least %d", value.Uint()), nil
	case "repeated.unique":
		return "no two alike", nil
	case "duration.gte":
		least, ok := value.Message().Interface().(*durationpb.Duration)
		if !ok {
			return "", fmt.Errorf("rule %s is of another type", rule)
		}
		return fmt.Sprintf("at least %v", least.AsDuration()), nil
	case "uint32.lte":
		return fmt.Sprintf("at most %d", value.Uint()), nil
	case "uint32.gte":
		return fmt.Sprintf("at least %d", value.Uint()), nil
	case "enum.defined_only":
		return "", nil // The list of its values says so.
	default:
		return "", fmt.Errorf("no words for the rule %s", rule)
	}
}

// messageRules words, as sentences, the rules of a message and of its oneofs.
func messageRules(md protoreflect.MessageDescriptor) ([]string, error) {
	options := new(descriptorpb.MessageOptions)
	if err := decode(md, options); err != nil {
		return nil, err
	}
	rules, ok := proto.GetExtension(options, validate.E_Message).(*validate.MessageRules)
	if !ok {
		return nil, errors.New("buf.validate.message is of another type")
	}
	var sentences []string
	for _, rule := range rules.GetCel() {
		if rule.GetMessage() == "" {
			return nil, fmt.Errorf("the rule %s has no message", rule.GetId())
		}
		sentences = append(sentences, "Rule: "+rule.GetMessage()+".")
	}
	for i := range md.Oneofs().Len() {
		oneof := md.Oneofs().Get(i)
		if oneof.IsSynthetic() {
			continue
		}
		sentence, err := oneofRule(oneof)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", oneof.Name(), err)
		}
		sentences = append(sentences, sentence)
	}
	return sentences, nil
}

func oneofRule(oneof protoreflect.OneofDescriptor) (string, error) {
	options := new(descriptorpb.OneofOptions)
	if err := decode(oneof, options); err != nil {
		return "", err
	}
	rules, ok := proto.GetExtension(options, validate.E_Oneof).(*validate.OneofRules)
	if !ok {
		return "", errors.New("buf.validate.oneof is of another type")
	}
	names := make([]string, 0, oneof.Fields().Len())
	for i := range oneof.Fields().Len() {
		names = append(names, "`"+string(oneof.Fields().Get(i).Name())+"`")
	}
	count := "At most"
	if rules.GetRequired() {
		count = "Exactly"
	}
	return fmt.Sprintf("Rule: %s one of %s.", strings.ToLower(count), strings.Join(names, ", ")), nil
}

// decode gives options the options of a descriptor. The compiler holds
// extensions as dynamic messages; their encoding is the same.
func decode(descriptor protoreflect.Descriptor, options proto.Message) error {
	encoded, err := proto.Marshal(descriptor.Options())
	if err != nil {
		return fmt.Errorf("encode options: %w", err)
	}
	if err := proto.Unmarshal(encoded, options); err != nil {
		return fmt.Errorf("decode options: %w", err)
	}
	return nil
}
