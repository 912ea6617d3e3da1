// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3election/v3electionpb"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3lock/v3lockpb"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
)

// TestRoutes holds what `dragoman routes` prints against the annotations of
// etcd's own API: no rule may be lost in mending, and none be invented.
func TestRoutes(t *testing.T) {
	t.Parallel()
	want := annotated(pb.File_rpc_proto, v3lockpb.File_v3lock_proto, v3electionpb.File_v3election_proto)
	for _, deployment := range deployments {
		t.Run(deployment.name, func(t *testing.T) {
			t.Parallel()
			at := newAddresses(t)
			deployment.start(t, at)
			stdout, stderr, status := process.Run(t, process.Command{
				Path: dragoman.Path(t),
				Args: append([]string{"routes", "--upstream", at.client}, deployment.schema(t)...),
			})
			if status != 0 {
				t.Fatalf("exit status %d: %s", status, stderr)
			}
			var got []string
			for line := range strings.Lines(stdout) {
				fields := strings.Fields(line)
				if len(fields) != 4 {
					t.Fatalf("line %q has %d fields, want protocol, verb, path and method", line, len(fields))
				}
				if strings.EqualFold(fields[0], "rest") {
					got = append(got, strings.Join(fields[1:], " "))
				}
			}
			slices.Sort(got)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("routes differ (-annotations +dragoman):\n%s", diff)
			}
		})
	}
}

// annotated returns "VERB path method" for every way in that files declare,
// and for the one that every method has under its own name.
func annotated(files ...protoreflect.FileDescriptor) []string {
	var list []string
	for _, file := range files {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				list = append(list, bindings(methods.Get(j))...)
			}
		}
	}
	slices.Sort(list)
	return list
}

func bindings(method protoreflect.MethodDescriptor) []string {
	name := string(method.FullName())
	list := []string{"POST /" + string(method.Parent().FullName()) + "/" + string(method.Name()) + " " + name}
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return list
	}
	for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		list = append(list, "POST "+binding.GetPost()+" "+name)
	}
	return list
}

// TestNoReflection puts dragoman in front of a released etcd with nothing but
// its address: there is no schema to be had then, and every way to ask must be
// told so.
func TestNoReflection(t *testing.T) {
	t.Parallel()
	at := newAddresses(t)
	startReleased(t, at)
	const reason = "server reflection is not enabled"

	_, stderr, status := process.Run(t, process.Command{Path: dragoman.Path(t), Args: []string{"routes", "--upstream", at.client}})
	if status != 1 || !strings.Contains(stderr, reason) {
		t.Errorf("routes: exit status %d, standard error %q; want 1, %q", status, stderr, reason)
	}

	w := &world{http: newHTTPClient(t), etcd: at.client, gateway: serve(t, at.client)}
	w.unavailable(t)
	if got := w.ask(t, w.ours(), getA); !strings.Contains(got.Message(), reason) {
		t.Errorf("a call is told %q, want %q in it", got.Message(), reason)
	}
	if got := w.admin(t, "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d, want 503", got)
	}
}

// TestDocs holds what the documentation shows against what the tests run.
func TestDocs(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/etcd.md")
	if err != nil {
		t.Fatal(err)
	}
	configuration, err := os.ReadFile("etcd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(configuration), rpcProto, lockProto, electionProto} {
		if !strings.Contains(string(docs), text) {
			t.Errorf("docs/etcd.md has not:\n%s", text)
		}
	}
	for _, difference := range differences {
		if !strings.Contains(string(docs), difference.Name) {
			t.Errorf("docs/etcd.md has no row for %q", difference.Name)
		}
	}
}

// TestCheck checks the configuration that all tests run with, and the same
// with a mistake in it.
func TestCheck(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("etcd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "etcd.yaml")
	wrong := strings.Replace(string(text), "omit_unset: true", "omit_unset: perhaps", 1)
	if wrong == string(text) {
		t.Fatal("etcd.yaml has no omit_unset to make a mistake in")
	}
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		file   string
		status int
		stderr *regexp.Regexp
	}{
		{"as it is", "etcd.yaml", 0, regexp.MustCompile(`^$`)},
		{"a wrong value", file, 1, regexp.MustCompile(regexp.QuoteMeta(file) + `:\d+:\d+: .*omit_unset`)},
		{"no file", "nowhere.yaml", 1, regexp.MustCompile(`nowhere\.yaml`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, stderr, status := process.Run(t, process.Command{
				Path: dragoman.Path(t), Args: []string{"check", "--config", test.file},
			})
			if status != test.status || !test.stderr.MatchString(stderr) {
				t.Errorf("exit status %d, standard error %q; want %d, %v", status, stderr, test.status, test.stderr)
			}
		})
	}
}
