// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"io/fs"
	"os"
)

// file checks that a file is there, unless none is named. What is in it is for
// those to check who read it.
func (c *checker) file(field, path string) {
	if info := c.stat(field, path); info != nil && info.IsDir() {
		c.add(field, "%q is a folder, expected a file", path)
	}
}

func (c *checker) fileOrFolder(field, path string) {
	c.stat(field, path)
}

func (c *checker) stat(field, path string) fs.FileInfo {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil {
		return info
	}
	cause := err
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		cause = pathErr.Err
	}
	c.add(field, "%q: %v", path, cause)
	return nil
}
