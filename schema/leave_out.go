// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// leaveOut removes the elements of f that refer to types that are not there,
// the messages that refer to those, and so on, and the services of which no
// method is left.
func (l *linker) leaveOut(f *file) {
	reasons := l.broken(f)
	if len(reasons) == 0 {
		return
	}
	var removed []element
	for i, e := range f.elements {
		if _, ok := reasons[i]; ok {
			removed = append(removed, e)
		}
	}
	l.warnLeftOut(f, reasons)
	f.remove(removed)
	f.index()
}

// broken returns the indexes of the elements of f that must go, each with what
// it lacks, and enters their types as lost.
func (l *linker) broken(f *file) map[int]string {
	reasons := make(map[int]string)
	var queue []int
	for i, e := range f.elements {
		if reason, ok := l.lacks(e); ok {
			reasons[i] = reason
			queue = append(queue, i)
		}
	}
	if len(queue) == 0 {
		return nil
	}
	users := usersOf(f.elements)
	for ; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		for _, name := range f.elements[i].types {
			l.lost[name] = reasons[i]
			for _, user := range users[name] {
				if _, ok := reasons[user]; !ok {
					reasons[user] = reasons[i]
					queue = append(queue, user)
				}
			}
		}
	}
	addNested(f.elements, reasons)
	addEmptyServices(f.elements, reasons)
	return reasons
}

// lacks reports the first type that e refers to and that is not there.
func (l *linker) lacks(e element) (string, bool) {
	for _, ref := range e.refs {
		name, isFull := ref.full()
		if reason, ok := l.lost[name]; isFull && ok {
			return reason, true
		}
		if _, ok := l.symbols.declaredIn(name); !isFull || !ok {
			return string(name) + ", which no source declares", true
		}
	}
	return "", false
}

// usersOf returns, for each type, the elements that refer to it.
func usersOf(elements []element) map[protoreflect.FullName][]int {
	users := make(map[protoreflect.FullName][]int)
	for i, e := range elements {
		for _, ref := range e.refs {
			if name, ok := ref.full(); ok {
				users[name] = append(users[name], i)
			}
		}
	}
	return users
}

// addNested adds the extensions that are declared in messages that go.
func addNested(elements []element, reasons map[int]string) {
	goes := make(map[string]string)
	for i, reason := range reasons {
		goes[locationKey(elements[i].location)] = reason
	}
	for i, e := range elements {
		if e.kind != "extension" || e.declaresAtTop() {
			continue
		}
		if reason, ok := goes[locationKey(e.location[:2])]; ok {
			reasons[i] = reason
		}
	}
}

// addEmptyServices adds the services that lose their last method.
func addEmptyServices(elements []element, reasons map[int]string) {
	for i, e := range elements {
		if e.kind != "service" {
			continue
		}
		last, left := i, 0
		for last+1 < len(elements) && elements[last+1].kind == "method" {
			last++
			if _, goes := reasons[last]; !goes {
				left++
			}
		}
		if last > i && left == 0 {
			reasons[i] = reasons[last]
		}
	}
}

// warnLeftOut writes one line for each type that f lacks.
func (l *linker) warnLeftOut(f *file, reasons map[int]string) {
	byReason := make(map[string][]element)
	var order []string
	for i, e := range f.elements {
		reason, ok := reasons[i]
		if !ok {
			continue
		}
		if byReason[reason] == nil {
			order = append(order, reason)
		}
		byReason[reason] = append(byReason[reason], e)
	}
	for _, reason := range order {
		l.warnLacking(f, reason, byReason[reason])
	}
}

func (l *linker) warnLacking(f *file, reason string, elements []element) {
	var out, services []string
	for _, e := range elements {
		switch e.kind {
		case "service":
			services = append(services, string(e.name))
		case "method":
			out = append(out, "method "+string(e.name))
		default:
			out = append(out, e.kind+" "+string(e.name))
		}
	}
	if f.spare {
		return
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%v needs %s", f, reason)
	if len(f.orphaned) > 0 {
		fmt.Fprintf(&line, " (missing imports: %s)", quoted(f.orphaned))
	}
	fmt.Fprintf(&line, "; left out: %s", list(out))
	if len(services) > 0 {
		fmt.Fprintf(&line, "; services lost: %s", list(services))
	}
	l.warnings.add("%s", line.String())
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
