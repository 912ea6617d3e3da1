// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

// maskCorpus are PATCH bodies.
func maskCorpus() []struct{ message, json string } {
	var all []struct{ message, json string }
	add := func(message string, bodies ...string) {
		for _, json := range bodies {
			all = append(all, struct{ message, json string }{message, json})
		}
	}
	add("v3.Tree", ``, ` `, `{}`, ` {} `, `null`, `5`, `[]`, `{"name":"a"}`, `{"weight":"5","name":"a"}`, `{"name":null}`, `{"left":{}}`, `{"left":null}`, `{"left":{"name":"a","right":{"weight":1,"left":{}}}}`,
		`{"children":[{"name":"a"}],"left":{"children":[]}}`, `{"children":{"a":1}}`, `{"nothing":1}`, `{"left":{"nothing":{}}}`, `{"name":{"a":1}}`, `{"name":{}}`, `{"name":[1]}`, `{"left":5}`, `{`, `{"name"}`, `{"name":tru}`, `{"left":[{}]}`)
	add("v3.WellKnown", `{"struct":{"a":{"b":1,"c":{}},"d":[{"e":1}]},"value":{"x":null}}`, `{"struct":{},"value":5}`, `{"values":[1],"lists":{"a":{"b":1}}}`, `{"list":[1]}`, `{"any":{"@type":"x","value":{"a":1}}}`, `{"any":{}}`, `{"any":null}`, `{"any":"x"}`, `{"anys":[{"a":1}]}`,
		`{"timestamp":"2001-02-03T04:05:06Z","stringValue":"a","int32_value":1,"mask":"a,b","empty":{},"null":null}`, `{"timestamp":{"seconds":1}}`)
	add("v3.Names", `{"snakeCase":"a","snake_case_too":"b","other":"c","Leading":"d","Upper":"e"}`, `{"custom":"a"}`)
	add("v3.Maps", `{"byString":{"a":1},"trees":{"a":{"name":"b"}},"values":{"1":{"a":2}}}`)
	add("v2.Groups", `{"single":{"nested":[{"text":"a"}],"id":1}}`)
	return all
}

func TestUpdateMaskLikeGateway(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range maskCorpus() {
		t.Run(row.message+row.json, func(t *testing.T) {
			t.Parallel()
			want, wantErr := runtime.FieldMaskFromRequestBody(strings.NewReader(row.json), dynamicpb.NewMessage(s.message(t, row.message)))
			got, gotErr := s.program(t, row.message).UpdateMask([]string{"before"}, []byte(row.json), translate.ReadOptions{})
			if (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("UpdateMask = %v, grpc-gateway = %v", gotErr, wantErr)
			}
			if gotErr != nil {
				return
			}
			if diff := cmp.Diff(append([]string{"before"}, want.GetPaths()...), got); diff != "" {
				t.Errorf("UpdateMask mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzUpdateMask(f *testing.F) {
	s := testSchema(f)
	for _, row := range maskCorpus() {
		f.Add([]byte(row.json))
	}
	programs := []*translate.Program{s.program(f, "v3.Tree"), s.program(f, "v3.WellKnown"), s.program(f, "v3.Maps")}
	f.Fuzz(func(t *testing.T, json []byte) {
		for _, p := range programs {
			paths, err := p.UpdateMask(nil, json, translate.ReadOptions{})
			if err != nil && paths != nil {
				t.Errorf("UpdateMask(%q) returned %q with its error", json, paths)
			}
		}
	})
}
