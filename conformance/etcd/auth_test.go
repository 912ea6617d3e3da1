// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// asRoot and asAlice carry the tokens that a scenario has captured.
var (
	asRoot  = map[string]string{"Authorization": "${root}"}
	asAlice = map[string]string{"Authorization": "${alice}"}
)

// auth is about users, roles, and what they may. A scenario ends with none of
// them left.
var auth = []scenario.Scenario{
	{Name: "users and roles", Steps: []scenario.Step{
		{Name: "status", Reads: true, Path: "/v3/auth/status", Body: `{}`},
		{Name: "no users", Reads: true, Path: "/v3/auth/user/list", Body: `{}`},
		{Name: "add a user", Path: "/v3/auth/user/add", Body: `{"name":"alice","password":"secret"}`},
		{Name: "add the same", Path: "/v3/auth/user/add", Body: `{"name":"alice","password":"secret"}`, Want: http.StatusBadRequest},
		{Name: "add nobody", Path: "/v3/auth/user/add", Body: `{"password":"secret"}`, Want: http.StatusBadRequest},
		{Name: "add one without a password", Path: "/v3/auth/user/add", Body: `{"name":"bob","options":{"no_password":true}}`},
		{Name: "add a role", Path: "/v3/auth/role/add", Body: `{"name":"reader"}`},
		{Name: "add the same role", Path: "/v3/auth/role/add", Body: `{"name":"reader"}`, Want: http.StatusBadRequest},
		{Name: "permit", Path: "/v3/auth/role/grant", Body: `{"name":"reader","perm":{"permType":"READ","key":"b64(p/)","range_end":"b64(p0)"}}`},
		{Name: "permit, as a number", Path: "/v3/auth/role/grant", Body: `{"name":"reader","perm":{"permType":2,"key":"b64(w)"}}`},
		{Name: "permit nobody", Path: "/v3/auth/role/grant", Body: `{"name":"writer","perm":{"key":"b64(w)"}}`, Want: http.StatusBadRequest},
		{Name: "role", Reads: true, Path: "/v3/auth/role/get", Body: `{"role":"reader"}`},
		{Name: "role that is not there", Reads: true, Path: "/v3/auth/role/get", Body: `{"role":"writer"}`, Want: http.StatusBadRequest},
		{Name: "roles", Reads: true, Path: "/v3/auth/role/list", Body: `{}`},
		{Name: "grant", Path: "/v3/auth/user/grant", Body: `{"user":"alice","role":"reader"}`},
		{Name: "grant a role that is not there", Path: "/v3/auth/user/grant", Body: `{"user":"alice","role":"writer"}`, Want: http.StatusBadRequest},
		{Name: "user", Reads: true, Path: "/v3/auth/user/get", Body: `{"name":"alice"}`},
		{Name: "user that is not there", Reads: true, Path: "/v3/auth/user/get", Body: `{"name":"carol"}`, Want: http.StatusBadRequest},
		{Name: "users", Reads: true, Path: "/v3/auth/user/list", Body: `{}`},
		{Name: "change the password", Path: "/v3/auth/user/changepw", Body: `{"name":"alice","password":"other"}`},
		{Name: "authenticate while auth is off", Path: "/v3/auth/authenticate", Body: `{"name":"alice","password":"other"}`, Want: http.StatusBadRequest},
		{Name: "turn on without a root", Path: "/v3/auth/enable", Body: `{}`, Want: http.StatusBadRequest},
		{Name: "forbid", Path: "/v3/auth/role/revoke", Body: `{"role":"reader","key":"b64(w)"}`},
		{Name: "forbid what is not permitted", Path: "/v3/auth/role/revoke", Body: `{"role":"reader","key":"b64(w)"}`, Want: http.StatusBadRequest},
		{Name: "take the role", Path: "/v3/auth/user/revoke", Body: `{"name":"alice","role":"reader"}`},
		{Name: "take it again", Path: "/v3/auth/user/revoke", Body: `{"name":"alice","role":"reader"}`, Want: http.StatusBadRequest},
		{Name: "delete the role", Path: "/v3/auth/role/delete", Body: `{"role":"reader"}`},
		{Name: "delete alice", Path: "/v3/auth/user/delete", Body: `{"name":"alice"}`},
		{Name: "delete bob", Path: "/v3/auth/user/delete", Body: `{"name":"bob"}`},
		{Name: "delete nobody", Path: "/v3/auth/user/delete", Body: `{"name":"bob"}`, Want: http.StatusBadRequest},
	}},
	{Name: "auth on", Steps: []scenario.Step{
		{Name: "add root", Path: "/v3/auth/user/add", Body: `{"name":"root","password":"root"}`},
		{Name: "give root its role", Path: "/v3/auth/user/grant", Body: `{"user":"root","role":"root"}`},
		{Name: "add alice", Path: "/v3/auth/user/add", Body: `{"name":"alice","password":"secret"}`},
		{Name: "add a role", Path: "/v3/auth/role/add", Body: `{"name":"reader"}`},
		{Name: "permit", Path: "/v3/auth/role/grant", Body: `{"name":"reader","perm":{"permType":"READ","key":"b64(p/)","range_end":"b64(p0)"}}`},
		{Name: "grant", Path: "/v3/auth/user/grant", Body: `{"user":"alice","role":"reader"}`},
		{Name: "put", Path: "/v3/kv/put", Body: `{"key":"b64(p/1)","value":"b64(1)"}`},
		{Name: "turn on", Path: "/v3/auth/enable", Body: `{}`},

		{Name: "nobody reads", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/1)"}`, Want: http.StatusBadRequest},
		{Name: "a wrong password", Reads: true, Path: "/v3/auth/authenticate", Body: `{"name":"root","password":"wrong"}`, Want: http.StatusBadRequest},
		{Name: "authenticate root", Path: "/v3/auth/authenticate", Body: `{"name":"root","password":"root"}`, Capture: map[string]string{"root": "token"}},
		{Name: "authenticate alice", Path: "/v3/auth/authenticate", Body: `{"name":"alice","password":"secret"}`, Capture: map[string]string{"alice": "token"}},
		// The token of either gateway is good at both: these ask both.
		{Name: "root reads", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/1)"}`, Header: asRoot},
		{Name: "alice reads", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/1)"}`, Header: asAlice},
		{Name: "alice reads more", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(q)"}`, Header: asAlice, Want: http.StatusForbidden},
		{Name: "alice writes", Reads: true, Path: "/v3/kv/put", Body: `{"key":"b64(p/1)"}`, Header: asAlice, Want: http.StatusForbidden},
		{Name: "alice keeps herself alive", Reads: true, Path: "/v3/lease/keepalive", Body: `{"ID":"404"}`, Header: asAlice},
		{Name: "alice turns it off", Reads: true, Path: "/v3/auth/disable", Body: `{}`, Header: asAlice, Want: http.StatusForbidden},
		{Name: "a token that is none", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/1)"}`,
			Header: map[string]string{"Authorization": "none"}, Want: http.StatusUnauthorized},
		{Name: "a header of grpc-gateway's that is not passed on", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/1)"}`,
			Header: map[string]string{"Grpc-Metadata-Token": "${root}"}, Want: http.StatusBadRequest},
		{Name: "root writes", Path: "/v3/kv/put", Body: `{"key":"b64(p/1)","value":"b64(2)","prev_kv":true}`, Header: asRoot},
		{Name: "status", Reads: true, Path: "/v3/auth/status", Body: `{}`, Header: asRoot},

		{Name: "turn off", Path: "/v3/auth/disable", Body: `{}`, Header: asRoot},
		{Name: "delete the role", Path: "/v3/auth/role/delete", Body: `{"role":"reader"}`},
		{Name: "delete alice", Path: "/v3/auth/user/delete", Body: `{"name":"alice"}`},
		{Name: "delete root", Path: "/v3/auth/user/delete", Body: `{"name":"root"}`},
	}},
}
