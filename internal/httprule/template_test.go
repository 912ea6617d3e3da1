// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/google/go-cmp/cmp"
)

// templates are valid, each with its shortest form. They seed the fuzz target.
var templates = []struct {
	name      string
	text      string
	shortest  string // if it is not text
	variables []httprule.Variable
	verb      string
}{
	{name: "root", text: "/"},
	{name: "literals", text: "/v1/books"},
	{name: "any segment", text: "/v1/*/books/*"},
	{name: "rest", text: "/v1/**"},
	{name: "nothing but the rest", text: "/**"},
	{
		name: "variable", text: "/v1/books/{id}",
		variables: []httprule.Variable{{FieldPath: "id"}},
	},
	{
		name: "variable of one segment, spelled out", text: "/v1/books/{id=*}", shortest: "/v1/books/{id}",
		variables: []httprule.Variable{{FieldPath: "id"}},
	},
	{
		name: "variable of one literal", text: "/v1/{kind=books}",
		variables: []httprule.Variable{{FieldPath: "kind"}},
	},
	{
		name: "variable of several segments", text: "/v1/{name=shelves/*/books/*}",
		variables: []httprule.Variable{{FieldPath: "name", Multi: true}},
	},
	{
		name: "variable of the rest", text: "/v1/{path=**}",
		variables: []httprule.Variable{{FieldPath: "path", Multi: true}},
	},
	{
		name: "variable that ends in the rest", text: "/v1/{name=files/**}",
		variables: []httprule.Variable{{FieldPath: "name", Multi: true}},
	},
	{
		name: "variables in order", text: "/{b}/{a=x/*}/y/{_c.d_9.E=**}",
		variables: []httprule.Variable{
			{FieldPath: "b"},
			{FieldPath: "a", Multi: true},
			{FieldPath: "_c.d_9.E", Multi: true},
		},
	},
	{name: "a variable and its field", text: "/{a}/{a.b}", variables: []httprule.Variable{
		{FieldPath: "a"}, {FieldPath: "a.b"},
	}},
	{name: "verb after a literal", text: "/v1/books:list", verb: "list"},
	{name: "verb after any segment", text: "/v1/*:list", verb: "list"},
	{name: "verb after the rest", text: "/v1/**:list", verb: "list"},
	{
		name: "verb after a variable", text: "/v1/{id}:cancel", verb: "cancel",
		variables: []httprule.Variable{{FieldPath: "id"}},
	},
	{
		name: "verb after a variable of the rest", text: "/v1/{path=**}:cancel", verb: "cancel",
		variables: []httprule.Variable{{FieldPath: "path", Multi: true}},
	},
	{
		name: "verb with a colon", text: "/v1/{id}:a:b", shortest: "/v1/{id}:a%3Ab", verb: "a:b",
		variables: []httprule.Variable{{FieldPath: "id"}},
	},
	{name: "verb at the last colon", text: "/v1/a:b:c", shortest: "/v1/a%3Ab:c", verb: "c"},
	{name: "escaped verb", text: "/v1/a:%63%20", shortest: "/v1/a:c%20", verb: "c "},
	{name: "colon that begins no verb", text: "/v1:x/:y/books"},
	{name: "escaped colon that begins no verb", text: "/v1/a%3Ab"},
	{
		name: "colon in a variable", text: "/v1/{name=a:b/c:d}",
		variables: []httprule.Variable{{FieldPath: "name", Multi: true}},
	},
	{name: "every literal character", text: "/aZ09-._~!$&'()+,;=@"},
	{name: "needless escapes", text: "/%61%2d%7E", shortest: "/a-~"},
	{name: "needed escapes", text: "/%2f%2a%7B%7D%20%25%00%c3%a9", shortest: "/%2F%2A%7B%7D%20%25%00%C3%A9"},
	{
		name: "equals signs", text: "/a=b/{c=d=e}",
		variables: []httprule.Variable{{FieldPath: "c"}},
	},
}

func TestParseTemplate(t *testing.T) {
	t.Parallel()
	for _, test := range templates {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			template := parse(t, test.text)
			want := test.shortest
			if want == "" {
				want = test.text
			}
			if got := template.String(); got != want {
				t.Errorf("String() = %q, want %q", got, want)
			}
			if got := template.Verb(); got != test.verb {
				t.Errorf("Verb() = %q, want %q", got, test.verb)
			}
			if diff := cmp.Diff(append([]httprule.Variable{}, test.variables...), template.Variables()); diff != "" {
				t.Errorf("Variables() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// badTemplates seed the fuzz target, too.
var badTemplates = []struct {
	name string
	text string
	want string
}{
	{"empty", "", `column 1: expected "/", found the end`},
	{"no slash", "v1/books", `column 1: expected "/", found "v"`},
	{"trailing slash", "/v1/", `column 5: expected "*", "**", a literal or a variable, found the end`},
	{"empty segment", "/v1//books", `column 5: expected "*", "**", a literal or a variable, found "/"`},
	{"verb without a segment", "/:cancel", `column 2: expected "*", "**", a literal or a variable, found ":"`},
	{"parameter of another router", "/v1/:id", `column 5: expected "*", "**", a literal or a variable, found ":"`},
	{"empty verb after a literal", "/v1/books:", `column 11: expected a verb, found the end`},
	{"empty verb after a variable", "/v1/{id}:", `column 10: expected a verb, found the end`},
	{"verb before a segment", "/v1/{id}:a/b", `column 11: expected the end of the verb, found "/"`},
	{"variable in a verb", "/v1/a:{id}", `column 7: expected "/", ":" or the end, found "{"`},
	{"text after a variable", "/v1/{id}x", `column 9: expected "/", ":" or the end, found "x"`},
	{"text before a variable", "/v1/x{id}", `column 6: expected "/", ":" or the end, found "{"`},
	{"text after a wildcard", "/v1/*x", `column 6: expected "/", ":" or the end, found "x"`},
	{"text before a wildcard", "/v1/x*", `column 6: expected "/", ":" or the end, found "*"`},
	{"three stars", "/v1/***", `column 7: expected ":" or the end ("**" comes last), found "*"`},
	{"segment after the rest", "/v1/**/a", `column 7: expected ":" or the end ("**" comes last), found "/"`},
	{"segment after a variable of the rest", "/{a=**}/b", `column 8: expected ":" or the end ("**" comes last), found "/"`},
	{"rest within a variable", "/v1/{a=**/b}", `column 10: expected "}" ("**" comes last), found "/"`},
	{"the rest twice", "/{a=**}/{b=**}", `column 8: expected ":" or the end ("**" comes last), found "/"`},
	{"nested variable", "/v1/{a={b}}", `column 8: expected "*", "**" or a literal (variables do not nest), found "{"`},
	{"nested variable after a segment", "/{a=b/{c}}", `column 7: expected "*", "**" or a literal (variables do not nest), found "{"`},
	{"variable begins within a variable", "/{a=b{c}}", `column 6: expected "/" or "}", found "{"`},
	{"open variable", "/v1/{name", `column 10: expected ".", "=" or "}", found the end`},
	{"open variable with segments", "/v1/{name=a/*", `column 14: expected "/" or "}", found the end`},
	{"variable of no segments", "/v1/{name=}", `column 11: expected "*", "**" or a literal, found "}"`},
	{"variable with an empty segment", "/v1/{name=a//b}", `column 13: expected "*", "**" or a literal, found "/"`},
	{"variable with a leading slash", "/v1/{name=/a}", `column 11: expected "*", "**" or a literal, found "/"`},
	{"verb within a variable", "/v1/{name=*:b}", `column 12: expected "/" or "}", found ":"`},
	{"no field path", "/v1/{}", `column 6: expected a field name, found "}"`},
	{"field path begins with a dot", "/v1/{.a}", `column 6: expected a field name, found "."`},
	{"field path ends with a dot", "/v1/{a.}", `column 8: expected a field name, found "}"`},
	{"field begins with a digit", "/v1/{1a}", `column 6: expected a field name, found "1"`},
	{"field begins with a digit after a dot", "/v1/{a.1}", `column 8: expected a field name, found "1"`},
	{"dash in a field", "/v1/{a-b}", `column 7: expected ".", "=" or "}", found "-"`},
	{"closing brace alone", "/v1/a}", `column 6: expected "/", ":" or the end, found "}"`},
	{"variable twice", "/{a}/{b.c}/{a}", `column 13: variable "a" is bound twice`},
	{"nested field twice", "/{b.c}/{b.c=x/*}", `column 9: variable "b.c" is bound twice`},
	{"query", "/v1/a?b", `column 6: expected "/", ":" or the end, found "?"`},
	{"space", "/v1/ a", `column 5: expected "*", "**", a literal or a variable, found " "`},
	{"not ASCII", "/v1/é", `column 5: expected "*", "**", a literal or a variable, found "é"`},
	{"not UTF-8", "/v1/\xff", `column 5: expected "*", "**", a literal or a variable, found "\xff"`},
	{"escape cut off", "/v1/a%4", `column 6: expected two hexadecimal digits after "%"`},
	{"escape of no digits", "/v1/%zz", `column 5: expected two hexadecimal digits after "%"`},
	{"bad second digit", "/v1/{a=%4g}", `column 8: expected two hexadecimal digits after "%"`},
	{"bad escape in a verb", "/v1/{a}:%", `column 9: expected two hexadecimal digits after "%"`},
}

func TestParseTemplateError(t *testing.T) {
	t.Parallel()
	for _, test := range badTemplates {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			template, err := httprule.ParseTemplate(test.text)
			if err == nil {
				t.Fatalf("ParseTemplate(%q) = %s, want an error", test.text, template)
			}
			if _, ok := errors.AsType[*httprule.SyntaxError](err); !ok {
				t.Errorf("ParseTemplate(%q) returned a %T, want a *SyntaxError", test.text, err)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("ParseTemplate(%q)\n got %s\nwant %s", test.text, got, test.want)
			}
		})
	}
}

// FuzzParseTemplate requires that a template's own text is the same template.
func FuzzParseTemplate(f *testing.F) {
	for _, test := range templates {
		f.Add(test.text)
	}
	for _, test := range badTemplates {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := httprule.ParseTemplate(text)
		if err != nil {
			if syntax, ok := errors.AsType[*httprule.SyntaxError](err); !ok || syntax.Column < 1 || syntax.Column > len(text)+1 {
				t.Fatalf("ParseTemplate(%q): %v is not the place of an error", text, err)
			}
			return
		}
		second, err := httprule.ParseTemplate(first.String())
		if err != nil {
			t.Fatalf("ParseTemplate(%q), which is %q printed: %v", first, text, err)
		}
		if diff := cmp.Diff(first, second, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%q is printed as %q, which is another template (-want +got):\n%s", text, first, diff)
		}
	})
}
