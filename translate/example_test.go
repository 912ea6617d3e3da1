// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/typepb"

	"github.com/dragoman-gateway/dragoman/translate"
)

func Example() {
	compiler := translate.NewCompiler(protoregistry.GlobalTypes)
	program, err := compiler.Compile(new(typepb.Enum).ProtoReflect().Descriptor())
	if err != nil {
		fmt.Println(err)
		return
	}
	wire, err := program.AppendWire(nil, []byte(`{"name": "Color", "enumvalue": [{"name": "RED", "number": 1}]}`), translate.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A value of the URL goes into the same message.
	edition, err := program.Field("edition")
	if err != nil {
		fmt.Println(err)
		return
	}
	if wire, err = edition.AppendText(wire, "2023"); err != nil {
		fmt.Println(err)
		return
	}
	json, err := program.AppendJSON(nil, wire, translate.WriteOptions{})
	fmt.Println(string(json), err)

	_, err = program.AppendWire(nil, []byte(`{"enumvalue": [{"number": "one"}]}`), translate.ReadOptions{})
	fmt.Println(err)
	// Output:
	// {"name":"Color","enumvalue":[{"name":"RED","number":1}],"edition":"2023"} <nil>
	// 1:27: enumvalue[0].number: expected a number, got a string that is none
}
