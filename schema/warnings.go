// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// warnings collects what was mended or left out, in the order in which it was
// found, which depends on nothing but the inputs.
type warnings struct {
	lines []string
}

func (w *warnings) add(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// list joins names for a message, the first few if they are many.
func list[T ~string](names []T) string {
	const limit = 8
	var b strings.Builder
	for i, name := range names {
		if i == limit {
			fmt.Fprintf(&b, " and %d more", len(names)-limit)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}

// cause is the text of an error of the Protobuf runtime. The runtime varies the
// space behind its prefix from build to build, so that nobody compares it; a
// warning should not vary.
func cause(err error) string {
	text := strings.TrimPrefix(err.Error(), "proto:")
	return strings.TrimLeft(text, " \u00a0")
}

// names lists the names of elements.
func names(elements []element) []protoreflect.FullName {
	all := make([]protoreflect.FullName, len(elements))
	for i, e := range elements {
		all[i] = e.name
	}
	return all
}
