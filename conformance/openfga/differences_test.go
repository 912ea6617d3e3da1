// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package openfga_test

import (
	"net/http"
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// asJSON is the content type of what a gateway says itself.
const asJSON = "application/json"

// differences are those that this API shows; docs/rest.md has all.
var differences = []scenario.Difference{
	{
		Name:     "a slash in an ID",
		Why:      "a variable of one segment may hold a slash that is escaped, as google/api/http.proto has it",
		Request:  answer.Request{Method: http.MethodGet, Path: "/stores/a%2Fb"},
		Oracle:   answer.Outcome{Status: http.StatusNotFound, ContentType: asJSON, Code: "5"},
		Dragoman: answer.Outcome{Status: http.StatusBadRequest, ContentType: asJSON, Code: "3"},
	},
	{
		Name:     "wrong verb",
		Why:      "HTTP has 405 and Allow for this",
		Request:  answer.Request{Method: http.MethodPatch, Path: "/stores", Body: `{}`},
		Oracle:   answer.Outcome{Status: http.StatusNotImplemented, ContentType: asJSON, Code: "12"},
		Dragoman: answer.Outcome{Status: http.StatusMethodNotAllowed, ContentType: asJSON, Code: "12", Allow: "GET, POST"},
	},
	{
		Name:     "a body where none is bound",
		Why:      "what it says would be lost silently",
		Request:  answer.Request{Method: http.MethodGet, Path: "/stores", Body: `{"name":"one"}`},
		Oracle:   answer.Outcome{Status: http.StatusOK, ContentType: asJSON},
		Dragoman: answer.Outcome{Status: http.StatusBadRequest, ContentType: asJSON, Code: "3"},
	},
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	for _, difference := range differences {
		t.Run(difference.Name, func(t *testing.T) {
			t.Parallel()
			stage.Differs(t, difference)
		})
	}
}
