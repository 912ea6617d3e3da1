// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A document is the Markdown as it grows. Messages are documented in the order
// of the .proto file.
type document struct {
	file protoreflect.FileDescriptor
	text []byte
}

func (d *document) printf(format string, args ...any) {
	d.text = fmt.Appendf(d.text, format, args...)
}

func (d *document) messages() error {
	for i := range d.file.Messages().Len() {
		if err := d.message(d.file.Messages().Get(i)); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) message(md protoreflect.MessageDescriptor) error {
	d.printf("\n## %s\n\n%s\n", title(md), d.comment(md, md.Name(), paragraphs))
	rules, err := messageRules(md)
	if err != nil {
		return fmt.Errorf("%s: %w", md.FullName(), err)
	}
	for _, rule := range rules {
		d.printf("\n%s\n", rule)
	}
	if err := d.fields(md); err != nil {
		return err
	}
	for i := range md.Enums().Len() {
		d.enum(md.Enums().Get(i))
	}
	return nil
}

func (d *document) fields(md protoreflect.MessageDescriptor) error {
	rows := [][]string{{"key", "type", "meaning", "rules"}, {"---", "---", "---", "---"}}
	columns := 3
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		rules, err := fieldRules(fd)
		if err != nil {
			return fmt.Errorf("%s: %w", fd.FullName(), err)
		}
		kind, err := typeOf(fd)
		if err != nil {
			return fmt.Errorf("%s: %w", fd.FullName(), err)
		}
		if len(rules) > 0 {
			columns = 4
		}
		rows = append(rows, []string{
			"`" + string(fd.Name()) + "`", kind, cell(d.comment(fd, "", oneLine)), cell(strings.Join(rules, "; ")),
		})
	}
	d.printf("\n")
	for _, row := range rows {
		d.printf("| %s |\n", strings.Join(row[:columns], " | "))
	}
	return nil
}

func (d *document) enum(ed protoreflect.EnumDescriptor) {
	d.printf("\n### %s\n\n%s\n\n", title(ed), d.comment(ed, ed.Name(), paragraphs))
	for i := range ed.Values().Len() {
		value := ed.Values().Get(i)
		meaning := d.comment(value, "", oneLine)
		if meaning != "" {
			meaning = ": " + meaning
		}
		d.printf("- `%s`%s\n", value.Name(), meaning)
	}
}

// title names a descriptor within its package: "Log.Level".
func title(descriptor protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(descriptor.FullName()), string(descriptor.ParentFile().Package())+".")
}

// link refers to the section of a descriptor. Its anchor is made as GitHub
// makes them.
func link(descriptor protoreflect.Descriptor) string {
	name := title(descriptor)
	return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(strings.ReplaceAll(name, ".", "")))
}

// comment returns what the .proto file says before a descriptor. layout joins
// its lines. Where the comment begins with name, that is set as code.
func (d *document) comment(descriptor protoreflect.Descriptor, name protoreflect.Name, layout func(lines []string) string) string {
	text := d.file.SourceLocations().ByDescriptor(descriptor).LeadingComments
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	text = layout(lines)
	if rest, ok := strings.CutPrefix(text, string(name)+" "); ok && name != "" {
		text = "`" + string(name) + "` " + rest
	}
	return text
}

func paragraphs(lines []string) string { return strings.Join(lines, "\n") }

func oneLine(lines []string) string { return strings.Join(lines, " ") }

// cell makes a text fit into a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
