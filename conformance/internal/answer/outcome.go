// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package answer

import "encoding/json"

// An Outcome is what counts of an answer where two gateways are meant to
// differ.
type Outcome struct {
	Status      int
	ContentType string
	Allow       string
	// Code is that of the google.rpc.Status which the answer is or, if it is a
	// stream, which ends it; "" if there is none.
	Code string
}

// Outcome returns the outcome of a.
func (a Answer) Outcome() Outcome {
	made := Outcome{Status: a.Status, ContentType: a.ContentType, Allow: a.Header.Get("Allow")}
	if len(a.Body) == 0 {
		return made
	}
	fields, _ := a.Body[len(a.Body)-1].(map[string]any)
	if last, ok := fields["error"].(map[string]any); ok {
		fields = last
	}
	code, _ := fields["code"].(json.Number)
	made.Code = code.String()
	return made
}
