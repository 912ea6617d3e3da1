// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench compares the gateway with its rivals as processes of their
// own, side by side in one run.
package bench
