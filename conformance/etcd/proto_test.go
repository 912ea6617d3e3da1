// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The .proto files of etcd's API, where they are in a checkout of etcd. They
// import each other by paths that begin with its name.
const (
	rpcProto      = "etcd/api/etcdserverpb/rpc.proto"
	lockProto     = "etcd/server/etcdserver/api/v3lock/v3lockpb/v3lock.proto"
	electionProto = "etcd/server/etcdserver/api/v3election/v3electionpb/v3election.proto"
)

// protoFiles returns the flags that give dragoman the schema of etcd from
// .proto files, as docs/etcd.md has them. The files come from the modules that
// carry them, and are put where checkouts of the two projects have them.
func protoFiles(tb testing.TB) []string {
	tb.Helper()
	root := tb.TempDir()
	const openAPI = "protoc-gen-openapiv2/options"
	for module, files := range map[string][]struct{ from, to string }{
		"go.etcd.io/etcd/api/v3": {
			{"etcdserverpb/rpc.proto", rpcProto},
			{"mvccpb/kv.proto", "etcd/api/mvccpb/kv.proto"},
			{"authpb/auth.proto", "etcd/api/authpb/auth.proto"},
			{"versionpb/version.proto", "etcd/api/versionpb/version.proto"},
		},
		"go.etcd.io/etcd/server/v3": {
			{"etcdserver/api/v3lock/v3lockpb/v3lock.proto", lockProto},
			{"etcdserver/api/v3election/v3electionpb/v3election.proto", electionProto},
		},
		"github.com/grpc-ecosystem/grpc-gateway/v2": {
			{openAPI + "/annotations.proto", openAPI + "/annotations.proto"},
			{openAPI + "/openapiv2.proto", openAPI + "/openapiv2.proto"},
		},
	} {
		dir := moduleDir(tb, module)
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(dir, file.from))
			if err != nil {
				tb.Fatal(err)
			}
			name := filepath.Join(root, file.to)
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				tb.Fatal(err)
			}
			if err := os.WriteFile(name, text, 0o600); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return []string{
		"--schema", filepath.Join(root, rpcProto),
		"--schema", filepath.Join(root, lockProto),
		"--schema", filepath.Join(root, electionProto),
	}
}

// moduleDir returns the folder that has the source of a module.
func moduleDir(tb testing.TB, module string) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		tb.Fatalf("find module %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}
