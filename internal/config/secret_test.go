// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

func TestReadSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content, want string
	}{
		{name: "plain", content: "s3cret", want: "s3cret"},
		{name: "line break", content: "s3cret\n", want: "s3cret"},
		{name: "line break of Windows", content: "s3cret\r\n", want: "s3cret"},
		{name: "only one line break", content: "s3cret\n\n", want: "s3cret\n"},
		{name: "carriage return alone", content: "s3cret\r", want: "s3cret\r"},
		{name: "spaces", content: " s3cret ", want: " s3cret "},
		{name: "empty", content: "", want: ""},
		{name: "largest", content: strings.Repeat("s", config.MaxSecretBytes), want: strings.Repeat("s", config.MaxSecretBytes)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.ReadSecret(secretFile(t, test.content))
			if err != nil || got != test.want {
				t.Errorf("from a file: got %q, %v, want %q", got, err, test.want)
			}
			got, err = config.ReadSecret(&configv1.Secret{Source: &configv1.Secret_Value{Value: test.content}})
			if err != nil || got != test.content {
				t.Errorf("from a value: got %q, %v, want %q", got, err, test.content)
			}
		})
	}
}

func TestReadSecretErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		secret *configv1.Secret
	}{
		{name: "nil"},
		{name: "no source", secret: &configv1.Secret{}},
		{name: "too large", secret: secretFile(t, strings.Repeat("s3cret", config.MaxSecretBytes/6)+"s3cret")},
		{name: "no such file", secret: &configv1.Secret{Source: &configv1.Secret_File{File: filepath.Join(t.TempDir(), "none")}}},
		{name: "a folder", secret: &configv1.Secret{Source: &configv1.Secret_File{File: t.TempDir()}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.ReadSecret(test.secret)
			if err == nil || got != "" {
				t.Fatalf("got %q, %v, want an error only", got, err)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error holds the value: %v", err)
			}
		})
	}
}

func secretFile(t *testing.T, content string) *configv1.Secret {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return &configv1.Secret{Source: &configv1.Secret_File{File: path}}
}
