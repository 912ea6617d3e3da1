// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// suggest says what was expected instead of a key that md does not have.
func suggest(key string, md protoreflect.MessageDescriptor) string {
	best, bestDistance := "", max(len(key)/3, 1)+1
	for i := range md.Fields().Len() {
		name := fieldName(md.Fields().Get(i))
		if distance := editDistance(strings.ToLower(key), name); distance < bestDistance {
			best, bestDistance = name, distance
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "expected one of " + list(md.Fields(), fieldName)
}

// editDistance returns how many letters to insert, delete or replace to make
// b out of a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}
