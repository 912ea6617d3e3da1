// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"fmt"
	"testing"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

// BenchmarkNew links an API of many files, each of which uses the one before.
func BenchmarkNew(b *testing.B) {
	for _, files := range []int{10, 1000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			input := compile(b, "bench", manyFiles(files))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schema.New(input); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manyFiles makes files with ten messages of ten fields and a service each.
func manyFiles(n int) schematest.Sources {
	sources := make(schematest.Sources, n)
	for i := range n {
		source := fmt.Sprintf("syntax = \"proto3\";\npackage bench.p%d;\nimport \"google/api/annotations.proto\";\n", i)
		other := fmt.Sprintf("bench.p%d.M0", max(i-1, 0))
		if i > 0 {
			source += fmt.Sprintf("import \"bench/p%d.proto\";\n", i-1)
		}
		for m := range 10 {
			source += fmt.Sprintf("// M%d is a message.\nmessage M%d {\n", m, m)
			for field := range 9 {
				source += fmt.Sprintf("  // f%d is a field.\n  string f%d = %d;\n", field, field, field+1)
			}
			source += fmt.Sprintf("  %s other = 10;\n}\n", other)
		}
		source += fmt.Sprintf("service S { rpc Get(M1) returns (M2) { option (google.api.http) = { get: \"/v1/p%d/{f1}\" }; } }\n", i)
		sources[fmt.Sprintf("bench/p%d.proto", i)] = source
	}
	return sources
}
