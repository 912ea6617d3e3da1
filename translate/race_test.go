// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package translate_test

const raceEnabled = true
