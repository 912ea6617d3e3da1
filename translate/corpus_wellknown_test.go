// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import "strings"

func wellKnownCorpus() []corpusGroup {
	const prefix = "type.googleapis.com/"
	times := []string{
		`"2001-02-03T04:05:06Z"`, `"2001-02-03T04:05:06.789Z"`, `"2001-02-03T04:05:06.123456789Z"`, `"2001-02-03T04:05:06.1Z"`, `"2001-02-03T04:05:06.000000001Z"`,
		`"2001-02-03T04:05:06.1234567890Z"`, `"2001-02-03T04:05:06+01:00"`, `"2001-02-03T04:05:06.5-23:59"`, `"2001-02-03t04:05:06z"`, `"2001-02-03 04:05:06Z"`,
		`"0001-01-01T00:00:00Z"`, `"0000-12-31T23:59:59Z"`, `"9999-12-31T23:59:59.999999999Z"`, `"9999-12-31T23:59:59-01:00"`, `"0001-01-01T00:00:00+01:00"`, `"10000-01-01T00:00:00Z"`,
		`"1970-01-01T00:00:00Z"`, `"1969-12-31T23:59:59.5Z"`, `"2000-02-29T00:00:00Z"`, `"1900-02-29T00:00:00Z"`, `"2001-02-29T00:00:00Z"`, `"2004-02-29T00:00:00Z"`, `"2001-04-31T00:00:00Z"`, `"2001-12-31T23:59:59Z"`,
		`"2001-00-01T00:00:00Z"`, `"2001-13-01T00:00:00Z"`, `"2001-01-00T00:00:00Z"`, `"2001-01-32T00:00:00Z"`, `"2001-01-01T24:00:00Z"`, `"2001-01-01T00:60:00Z"`, `"2001-01-01T00:00:60Z"`,
		`"2001-02-03T04:05:06"`, `"2001-02-03T04:05:06.Z"`, `"2001-02-03T04:05:06,5Z"`, `"2001-2-3T4:5:6Z"`, `"2001-02-03T4:05:06Z"`, `""`, `"Z"`, `0`, `null`, `"2001-02-03T04:05:06Z "`, `"200a-02-03T04:05:06Z"`, `"2001-02-03T04:05:06.5x"`, `"2001-02-03T04:05:06.x5Z"`, `"2001-02-03T04:05:0\u0036Z"`,
	}
	durations := []string{
		`"0s"`, `"1s"`, `"-1s"`, `"1.5s"`, `"-0.5s"`, `"+1.5s"`, `"1.000000001s"`, `"1.0000000001s"`, `".5s"`, `"1.s"`, `".s"`, `"s"`, `"-s"`, `"+s"`, `"-.s"`, `""`, `"1"`, `"1m"`, `"1 s"`, `" 1s"`, `"01s"`, `"00s"`, `"0.0s"`,
		`"315576000000s"`, `"315576000001s"`, `"-315576000000.999999999s"`, `"-315576000001s"`, `"9999999999999999999999s"`, `"1.5.5s"`, `"1e3s"`, `"--1s"`, `"0.100s"`, `1`, `null`, `"-0s"`, `"1a.5s"`, `"1.a5s"`,
	}
	masks := []string{`""`, `"a"`, `"a,b"`, `"fooBar,baz.quxQuux"`, `"foo_bar"`, `"FooBar"`, `"a,"`, `",a"`, `"a,,b"`, `" a "`, `"a, b"`, `"a..b"`, `".a"`, `"1a"`, `"a1.b2"`, `"é"`, `"a\u00a0"`, `1`, `null`, `["a"]`, `"` + strings.Repeat("longName.", 30) + `x"`}
	dynamic := []string{
		`null`, `true`, `false`, `0`, `-0`, `1.5`, `1e400`, `"x"`, `"NaN"`, `[]`, `{}`, `[null,true,1,"a",[],{}]`, `{"a":null,"b":[{"c":{}}],"":0}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[1,]`, `{"a"}`, `{"a":}`, `[[[[[[[[]]]]]]]]`, `{"fields":{"a":1}}`, `tru`, `nullx`,
		`{"a":"` + strings.Repeat("x", 127) + `","b":["` + strings.Repeat("y", 16384) + `"]}`, `1e`, `01`,
	}
	anys := []string{
		`{}`, `{"@type":""}`, `{"@type":1}`, `{"@type":null}`, `{"value":1}`, `{"@type":"nothing"}`, `{"@type":"` + prefix + `nothing.Here"}`, `{"@type":"` + prefix + `test.v3.Color"}`,
		`{"@type":"` + prefix + `test.v3.Tree"}`, `{"@type":"test.v3.Tree","name":"a"}`, `{"@type":"/test.v3.Tree","name":"a","left":{"name":"b"}}`, `{"name":"a","@type":"` + prefix + `test.v3.Tree"}`,
		`{"@type":"` + prefix + `test.v3.Tree","@type":"` + prefix + `test.v3.Tree"}`, `{"name":"a","@type":"` + prefix + `test.v3.Tree","@type":"` + prefix + `test.v3.Tree"}`, `{"@type":"` + prefix + `test.v3.Tree","value":{}}`, `{"@type":"` + prefix + `test.v3.Tree","children":[{},{}],"unknown":1}`,
		`{"\u0040type":"` + prefix + `test.v3.Tree","name":"\u0061"}`, `{"@type":"` + prefix + `test.v3.Names"}`,
		`{"@type":"` + prefix + `google.protobuf.Timestamp","value":"2001-02-03T04:05:06Z"}`, `{"value":"1.5s","@type":"` + prefix + `google.protobuf.Duration"}`, `{"@type":"` + prefix + `google.protobuf.Duration"}`, `{"@type":"` + prefix + `google.protobuf.Duration","value":"1s","value":"1s"}`, `{"@type":"` + prefix + `google.protobuf.Duration","value":null}`,
		`{"@type":"` + prefix + `google.protobuf.Value","value":null}`, `{"@type":"` + prefix + `google.protobuf.Value","value":{"a":[1]}}`, `{"@type":"` + prefix + `google.protobuf.Value"}`, `{"@type":"` + prefix + `google.protobuf.Struct","value":{"@type":1}}`, `{"@type":"` + prefix + `google.protobuf.Int64Value","value":"5"}`,
		`{"@type":"` + prefix + `google.protobuf.Empty"}`, `{"@type":"` + prefix + `google.protobuf.Empty","value":{}}`, `{"@type":"` + prefix + `google.protobuf.Empty","value":{"a":1}}`, `{"@type":"` + prefix + `google.protobuf.Empty","other":{}}`,
		`{"@type":"` + prefix + `google.protobuf.Any","value":{"@type":"` + prefix + `test.v3.Tree","name":"a"}}`, `{"@type":"` + prefix + `google.protobuf.Any","value":{}}`, `{"@type":"` + prefix + `google.protobuf.FieldMask","value":"a,bC"}`,
		`{"@type":"` + prefix + `test.v2.Required"}`, `{"@type":"` + prefix + `test.v2.Required","inner":{}}`, `{"@type":"` + prefix + `test.v2.Extendable","[test.v2.number]":1,"[test.v2.required]":{}}`, `{"@type":"` + prefix + `test.v3.Maps","byString":{"b":1,"a":2}}`,
	}
	wellKnown := everyField([]string{"any"}, anys)
	wellKnown = append(wellKnown, everyField([]string{"duration"}, durations)...)
	wellKnown = append(wellKnown, everyField([]string{"timestamp"}, times)...)
	wellKnown = append(wellKnown, everyField([]string{"mask"}, masks)...)
	wellKnown = append(wellKnown, everyField([]string{"list", "struct", "value", "values", "lists", "null", "empty"}, dynamic)...)
	wellKnown = append(wellKnown, everyField([]string{"boolValue", "int32Value", "int64Value", "uint32Value", "uint64Value", "floatValue", "doubleValue", "stringValue", "bytesValue"}, scalarValues())...)
	wellKnown = append(wellKnown, everyField([]string{"anys", "timestamps", "values", "strings", "lists"}, []string{`[]`, `[null]`, `[{}]`, `["2001-02-03T04:05:06Z","2001-02-03T04:05:06.5Z"]`, `["a",""]`, `[[1],[]]`})...)
	seconds := []string{"", "\x08\x01", "\x10\x01", "\x08\x01\x08\x02", "\x08\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x01", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x10\x80\x94\xeb\xdc\x03", "\x10\xff\x93\xeb\xdc\x03", "\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "\x08\x80\xd7\xd5\xc3\xaf\x07", "\x0a\x00", "\x0d\x00\x00\x00\x00", "\x18\x01", "\x10\x80\xad\xe2\x04", "\x10\xc0\x84\x3d"}
	return []corpusGroup{
		{message: "v3.WellKnown", json: wellKnown, wire: []string{"\x3a\x02\x08\x01\x3a\x02\x10\x02", "\x5a\x00", "\x5a\x02\x08\x01\x5a\x00", "\x8a\x01\x03\x0a\x01\xff", "\x8a\x01\x06\x0a\x01\xff\x0a\x01a", "\x42\x00", "\x42\x02\x20\x01\x42\x02\x08\x00", "\x2a\x02\x0a\x00", "\x22\x03\x0a\x01a\x22\x03\x0a\x01b"}},
		{message: "google.protobuf.Any", json: anys, wire: []string{
			anyOf("", ""), anyOf("", "a"), anyOf(prefix+"test.v3.Tree", "\x4a\x01a"), anyOf(prefix+"test.v3.Tree", "\x4a\x01\xff"), anyOf(prefix+"test.v3.Tree", "\x4a"), anyOf(prefix+"nothing", ""), anyOf("\xff", ""), anyOf(prefix+"test.v2.Required", ""),
			anyOf(prefix+"google.protobuf.Value", ""), anyOf(prefix+"google.protobuf.Value", "\x20\x01"), anyOf(prefix+"google.protobuf.Empty", "\x08\x01"), anyOf(prefix+"google.protobuf.Timestamp", "\x08\x01"), anyOf(prefix+"google.protobuf.Any", anyOf(prefix+"test.v3.Tree", "\x20\x01")),
			"\x12\x00" + anyOf(prefix+"test.v3.Tree", ""), "\x12\x02\x20\x01\x0a\x0ctest.v3.Tree", anyOf("nothing", "\x20\x01") + anyOf("test.v3.Tree", "\x20\x02"), "\x0a\x0ctest.v3.Tree", "\x08\x01", "\x0a\x01\xff\x0a\x0ctest.v3.Tree",
		}},
		{message: "google.protobuf.Timestamp", json: times, wire: seconds},
		{message: "google.protobuf.Duration", json: durations, wire: seconds},
		{message: "google.protobuf.FieldMask", json: masks, wire: []string{"\x0a\x01a\x0a\x03b_c", "\x0a\x00", "\x0a\x02_a", "\x0a\x02a_", "\x0a\x04a__b", "\x0a\x03a_1", "\x0a\x01A", "\x0a\x03a,b", "\x0a\x01\xff", "\x0a\x01.", "\x0a\x02\xc3\xa9"}},
		{message: "google.protobuf.Struct", json: dynamic, wire: []string{"\x0a\x03\x0a\x01a", "\x0a\x05\x0a\x01a\x08\x01", "\x0a\x07\x0a\x01a\x12\x02\x20\x01\x0a\x07\x0a\x01a\x12\x02\x08\x00", "\x0a\x0b\x0a\x01a\x12\x02\x20\x01\x12\x02\x08\x00", "\x0a\x06\x0a\x01\xff\x12\x02\x08\x00"}},
		{message: "google.protobuf.Value", json: dynamic, wire: []string{"", "\x08\x00", "\x08\x05", "\x11\x00\x00\x00\x00\x00\x00\xf0\x7f", "\x11\x00\x00\x00\x00\x00\x00\xf8\x7f", "\x11\x00\x00\x00\x00\x00\x00\x00\x80", "\x1a\x01\xff", "\x2a\x07\x0a\x05\x0a\x01a\x12\x00", "\x2a\x00\x2a\x00", "\x32\x02\x0a\x00", "\x32\x04\x0a\x02\x20\x01\x32\x04\x0a\x02\x08\x00", "\x32\x00\x20\x01", "\x20\x01\x32\x00"}},
		{message: "google.protobuf.ListValue", json: dynamic, wire: []string{"\x0a\x02\x08\x00\x0a\x02\x20\x01", "\x0a\x00"}},
		{message: "google.protobuf.DoubleValue", json: scalarValues(), wire: []string{"\x09\x00\x00\x00\x00\x00\x00\xf8\x7f", "\x0d\x00\x00\x00\x00", "\x09\x00\x00\x00\x00\x00\x00\xf8\x7f\x09\x00\x00\x00\x00\x00\x00\x00\x00"}},
		{message: "google.protobuf.StringValue", json: scalarValues(), wire: []string{"\x0a\x01\xff", "\x0a\x01\xff\x0a\x01a", "\x10\x01"}},
	}
}

// mediumJSON is a message of about 1.5 KB.
const mediumJSON = `{"id":"items/4f2c9e10-7a3b-4c55-9d7e-0b1a2c3d4e5f","title":"The Name of the Rose, first edition","priceMicros":"12990000","color":"COLOR_RED","tags":["novel","mystery","history","medieval","monastery"],` +
	`"createTime":"2024-03-17T09:26:53.589Z","owner":{"name":"Adso of Melk","email":"adso@melk.example.org","age":18},"labels":{"binding":"hardcover","condition":"good","language":"it","shelf":"A-17","warehouse":"north"},` +
	`"reviewers":[{"name":"William of Baskerville","email":"william@baskerville.example.org","age":50},{"name":"Jorge of Burgos","email":"jorge@burgos.example.org","age":80},{"name":"Bernard Gui","email":"bernard@avignon.example.org","age":66}],` +
	`"available":true,"rating":4.75,"description":"In 1327 a Franciscan friar and his young companion come to an abbey in the mountains of northern Italy, where they are to take part in a disputation. ` +
	`When one monk after another is found dead, the friar is asked to look into what happened. The way leads to a library that is built as a labyrinth, to a book that nobody should read, and to one man who would rather see all burn than have people laugh. ` +
	`The novel is a study of signs, a chronicle of the quarrels of its time, and a tale of murder that pays its debts to the great detectives. Copies of this edition have a dust jacket, a map of the abbey inside the cover, and small stains here and there."}`
