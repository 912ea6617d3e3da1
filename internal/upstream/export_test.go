// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import "google.golang.org/grpc"

// ClientTarget is what gRPC is given for a target.
var ClientTarget = clientTarget

// SetDialOptions adds options to every connection of p made from now on.
func (p *Pool) SetDialOptions(options ...grpc.DialOption) { p.dial = options }
