// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// MaxSecretBytes is the size of the largest secret that is read from a file.
const MaxSecretBytes = 64 << 10

// ReadSecret returns the value of a secret. One line break at the end of a
// file is not part of it. An error never holds the value.
func ReadSecret(secret *configv1.Secret) (string, error) {
	switch from := secret.GetSource().(type) {
	case *configv1.Secret_Value:
		return from.Value, nil
	case *configv1.Secret_File:
		return readSecretFile(from.File)
	default:
		return "", errors.New("the secret has neither a value nor a file")
	}
}

func readSecretFile(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names it.
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read.
	content, err := io.ReadAll(io.LimitReader(file, MaxSecretBytes+1))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if len(content) > MaxSecretBytes {
		return "", fmt.Errorf("read secret: %s is larger than %d bytes", path, MaxSecretBytes)
	}
	value, ended := strings.CutSuffix(string(content), "\n")
	if ended {
		value = strings.TrimSuffix(value, "\r")
	}
	return value, nil
}
