// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Command configdoc writes docs/configuration.md to standard output: an
// introduction, and the reference out of the comments and rules in
// proto/dragoman/config/v1/config.proto. It is run in the root of the
// repository.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	source  = "dragoman/config/v1/config.proto"
	example = "internal/config/testdata/example/dragoman.yaml"
	notice  = "<!-- Made by internal/tools/configdoc out of proto/" + source + ". DO NOT EDIT. -->\n\n"
)

//go:embed intro.md
var intro string

func main() {
	if err := run(context.Background(), ".", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "configdoc:", err)
		os.Exit(1)
	}
}

// run writes the document for the repository at root.
func run(ctx context.Context, root string, out io.Writer) error {
	shown, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(example)))
	if err != nil {
		return fmt.Errorf("read example: %w", err)
	}
	file, err := compile(ctx, filepath.Join(root, "proto"))
	if err != nil {
		return err
	}
	doc := &document{file: file}
	doc.printf("%s%s", notice, strings.Replace(intro, "{{example}}", strings.TrimSpace(string(shown)), 1))
	if err := doc.messages(); err != nil {
		return err
	}
	if _, err := out.Write(doc.text); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
