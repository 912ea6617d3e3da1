// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package openfga_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// model says who may view a document: its viewers and its owners. It is what
// OpenFGA calls an authorization model.
const model = `{"schema_version":"1.1","type_definitions":[
	{"type":"user","relations":{}},
	{"type":"document",
		"relations":{"owner":{"this":{}},"viewer":{"union":{"child":[{"this":{}},{"computedUserset":{"relation":"owner"}}]}}},
		"metadata":{"relations":{
			"owner":{"directly_related_user_types":[{"type":"user"}]},
			"viewer":{"directly_related_user_types":[{"type":"user"},{"type":"user","wildcard":{}}]}}}}]}`

// scenarios need a store each: that is what OpenFGA calls a database.
var scenarios = []scenario.Scenario{
	{Name: "stores", Steps: []scenario.Step{
		{Name: "none", Reads: true, Method: http.MethodGet, Path: "/stores"},
		{Name: "create", Path: "/stores", Body: `{"name":"one"}`, Capture: map[string]string{"store": "id"}},
		{Name: "create with an unknown field", Path: "/stores", Body: `{"name":"two","colour":1}`, Capture: map[string]string{"other": "id"}},
		{Name: "create without a name", Path: "/stores", Body: `{}`, Want: http.StatusBadRequest},
		{Name: "get", Reads: true, Method: http.MethodGet, Path: "/stores/${store}"},
		{Name: "get what is no ID", Reads: true, Method: http.MethodGet, Path: "/stores/nope", Want: http.StatusBadRequest},
		{Name: "get with escapes", Reads: true, Method: http.MethodGet, Path: "/stores/a%20b%C3%A9", Want: http.StatusBadRequest},
		{Name: "list", Reads: true, Method: http.MethodGet, Path: "/stores"},
		{Name: "list one", Reads: true, Method: http.MethodGet, Path: "/stores?page_size=1"},
		{Name: "list by name, camel case", Reads: true, Method: http.MethodGet, Path: "/stores?pageSize=5&name=two"},
		{Name: "list with a wrapped number that is none", Reads: true, Method: http.MethodGet, Path: "/stores?page_size=many", Want: http.StatusBadRequest, Refused: "page_size"},
		{Name: "list with a parameter twice", Reads: true, Method: http.MethodGet, Path: "/stores?name=one&name=two", Want: http.StatusBadRequest, Refused: "name"},
		{Name: "list with an unknown parameter", Reads: true, Method: http.MethodGet, Path: "/stores?colour=blue"},
		{Name: "delete", Method: http.MethodDelete, Path: "/stores/${store}"},
		{Name: "delete the other", Method: http.MethodDelete, Path: "/stores/${other}"},
		{Name: "gone", Reads: true, Method: http.MethodGet, Path: "/stores/${store}", Want: http.StatusInternalServerError},
	}},
	{Name: "relations", Steps: []scenario.Step{
		{Name: "create", Path: "/stores", Body: `{"name":"one"}`, Capture: map[string]string{"store": "id"}},
		{Name: "write a model", Path: "/stores/${store}/authorization-models", Body: model, Capture: map[string]string{"model": "authorization_model_id"}},
		{Name: "write a model that is wrong", Path: "/stores/${store}/authorization-models", Body: `{"schema_version":"1.1","type_definitions":[{"type":"user","relations":{"a":{"computedUserset":{"relation":"b"}}}}]}`, Want: http.StatusInternalServerError},
		{Name: "read the model", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/authorization-models/${model}"},
		{Name: "read the models", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/authorization-models?page_size=10"},
		{Name: "write", Path: "/stores/${store}/write", Body: `{"writes":{"tuple_keys":[
			{"user":"user:anne","relation":"owner","object":"document:plan"},
			{"user":"user:bob","relation":"viewer","object":"document:plan"},
			{"user":"user:*","relation":"viewer","object":"document:news"}]},"authorization_model_id":"${model}"}`},
		{Name: "write it again", Path: "/stores/${store}/write", Body: `{"writes":{"tuple_keys":[{"user":"user:anne","relation":"owner","object":"document:plan"}]}}`, Want: http.StatusInternalServerError},
		{Name: "write what is there, or not", Path: "/stores/${store}/write", Body: `{"writes":{"on_duplicate":"ignore","tuple_keys":[{"user":"user:anne","relation":"owner","object":"document:plan"}]}}`},
		{Name: "write nothing", Path: "/stores/${store}/write", Body: `{}`, Want: http.StatusInternalServerError},
		{Name: "read", Reads: true, Path: "/stores/${store}/read", Body: `{"tuple_key":{"object":"document:plan"}}`},
		{Name: "read everything", Reads: true, Path: "/stores/${store}/read", Body: `{}`},
		{Name: "read by pages", Reads: true, Path: "/stores/${store}/read", Body: `{"page_size":1,"consistency":"HIGHER_CONSISTENCY"}`},
		{Name: "read with an enum as a number", Reads: true, Path: "/stores/${store}/read", Body: `{"pageSize":"2","consistency":100}`},
		{Name: "check", Reads: true, Path: "/stores/${store}/check", Body: `{"tuple_key":{"user":"user:anne","relation":"viewer","object":"document:plan"}}`},
		{Name: "check, no", Reads: true, Path: "/stores/${store}/check", Body: `{"tuple_key":{"user":"user:carol","relation":"viewer","object":"document:plan"},"trace":false}`},
		{Name: "check with more tuples and a context", Reads: true, Path: "/stores/${store}/check", Body: `{
			"tuple_key":{"user":"user:carol","relation":"viewer","object":"document:plan"},
			"contextual_tuples":{"tuple_keys":[{"user":"user:carol","relation":"viewer","object":"document:plan"}]},
			"context":{"now":1.5,"deep":{"list":[true,null,"x"]}}}`},
		{Name: "check a relation that is none", Reads: true, Path: "/stores/${store}/check", Body: `{"tuple_key":{"user":"user:anne","relation":"editor","object":"document:plan"}}`, Want: http.StatusInternalServerError},
		{Name: "check without an object", Reads: true, Path: "/stores/${store}/check", Body: `{"tuple_key":{"user":"user:anne","relation":"viewer"}}`, Want: http.StatusBadRequest},
		{Name: "check a batch", Reads: true, Path: "/stores/${store}/batch-check", Body: `{"checks":[
			{"correlation_id":"1","tuple_key":{"user":"user:anne","relation":"viewer","object":"document:plan"}},
			{"correlation_id":"2","tuple_key":{"user":"user:anne","relation":"editor","object":"document:plan"}}]}`},
		{Name: "expand", Reads: true, Path: "/stores/${store}/expand", Body: `{"tuple_key":{"relation":"viewer","object":"document:plan"}}`},
		{Name: "list objects", Reads: true, Path: "/stores/${store}/list-objects", Body: `{"type":"document","relation":"viewer","user":"user:bob"}`},
		{Name: "list objects as a stream", Reads: true, Path: "/stores/${store}/streamed-list-objects", Body: `{"type":"document","relation":"viewer","user":"user:bob"}`},
		{Name: "list objects as a stream of none", Reads: true, Path: "/stores/${store}/streamed-list-objects", Body: `{"type":"document","relation":"owner","user":"user:bob"}`},
		{Name: "list objects as a stream of a type that is none", Reads: true, Path: "/stores/${store}/streamed-list-objects", Body: `{"type":"house","relation":"owner","user":"user:bob"}`, Want: http.StatusInternalServerError},
		{Name: "list users", Reads: true, Path: "/stores/${store}/list-users", Body: `{"object":{"type":"document","id":"plan"},"relation":"viewer","user_filters":[{"type":"user"}]}`},
		{Name: "changes", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/changes?type=document&page_size=2"},
		{Name: "changes since", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/changes?start_time=2020-01-01T00:00:00.5Z"},
		{Name: "changes since a time that is none", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/changes?start_time=yesterday", Want: http.StatusBadRequest, Refused: "start_time"},
		{Name: "assertions", Method: http.MethodPut, Path: "/stores/${store}/assertions/${model}", Body: `{"assertions":[{"tuple_key":{"user":"user:anne","relation":"viewer","object":"document:plan"},"expectation":true}]}`},
		{Name: "read assertions", Reads: true, Method: http.MethodGet, Path: "/stores/${store}/assertions/${model}"},
		{Name: "delete a tuple", Path: "/stores/${store}/write", Body: `{"deletes":{"tuple_keys":[{"user":"user:bob","relation":"viewer","object":"document:plan"}]}}`},
		{Name: "delete the store", Method: http.MethodDelete, Path: "/stores/${store}"},
	}},
	{Name: "mistakes", Steps: []scenario.Step{
		{Name: "a path that is none", Reads: true, Path: "/store", Body: `{}`, Want: http.StatusNotFound},
		{Name: "a variable that is empty", Reads: true, Method: http.MethodGet, Path: "/stores/", Want: http.StatusBadRequest},
		{Name: "a slash too many", Reads: true, Method: http.MethodGet, Path: "/stores/x/", Want: http.StatusNotFound},
	}},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	stage.Begin = func(testing.TB) scenario.Variables { return scenario.Variables{} }
	stage.Relative = withoutTimes
	stage.Tidy = sortUnordered
	stage.Drawn = []string{"Grpc-Metadata-X-Request-Id"}
	for _, one := range scenarios {
		t.Run(one.Name, func(t *testing.T) { stage.Play(t, one) })
	}
}

// withoutTimes takes the times out, when something was written.
func withoutTimes(_ scenario.Variables, _, text string) string {
	if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return "${time}"
	}
	return text
}

// unordered are the fields with lists that OpenFGA gives in no order; "" is a
// stream.
var unordered = []string{"", "objects", "users"}

// sortUnordered sorts the lists that come in no order.
func sortUnordered(field string, list []any) {
	if slices.Contains(unordered, field) {
		slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
}
