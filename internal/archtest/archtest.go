// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package archtest holds the table of which package may import which, and the
// test that keeps the tree to it.
package archtest
