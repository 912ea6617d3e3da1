// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

const minimal = "upstreams:\n  - target: localhost:50051\n"

// check compares a configuration with its JSON, or an error with its text.
func check(t *testing.T, got *configv1.Config, err error, want string) {
	t.Helper()
	text := ""
	if err != nil {
		text = err.Error()
	} else {
		text = strings.Join(strings.Fields(toJSON(t, got)), "")
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, source string
		overlay      func(*configv1.Config)
		want         string
	}{
		{
			name:   "wins over the file",
			source: minimal + "listen:\n  http: :1\n  grpc: :2\n",
			overlay: func(c *configv1.Config) {
				c.Listen.Http = ":3"
			},
			want: `{"listen":{"http":":3","grpc":":2"},"upstreams":[{"target":"localhost:50051"}]}`,
		},
		{
			name:    "gives what the file lacks",
			source:  "log: {no_access_log: true}\n",
			overlay: addUpstream("a"),
			want:    `{"upstreams":[{"target":"a"}],"log":{"no_access_log":true}}`,
		},
		{
			name:    "the file is checked with it",
			source:  minimal,
			overlay: addUpstream("localhost:50051"),
			want:    `upstreams[1].target: the name "localhost:50051" is that of upstreams[0] already, expected another`,
		},
		{
			name:   "replaces what is wrong in the file",
			source: minimal + "listen:\n  http: nonsense\n",
			overlay: func(c *configv1.Config) {
				c.Listen.Http = ":3"
			},
			want: `{"listen":{"http":":3"},"upstreams":[{"target":"localhost:50051"}]}`,
		},
		{
			name:   "wrong, beside what is wrong in the file",
			source: "upstreams:\n  - name: a\nlisten:\n  http: :1\n  grpc: nonsense\n",
			overlay: func(c *configv1.Config) {
				c.Listen.Http = "x\ny"
			},
			want: `listen.http: "x\ny", expected host:port such as :8080 or 127.0.0.1:8080` + "\n" +
				"flags.yaml:2:5: upstreams[0].target: it is missing, expected text\n" +
				`flags.yaml:5:9: listen.grpc: "nonsense", expected host:port such as :8080 or 127.0.0.1:8080`,
		},
		{
			name:   "wrong in a list that is longer than that of the file",
			source: minimal,
			overlay: func(c *configv1.Config) {
				c.Upstreams = append(c.Upstreams, &configv1.Upstream{Target: "b", Schema: []*configv1.Schema{{}}})
			},
			want: "upstreams[1].schema[0]: none is set, expected one of descriptor_set, proto, reflection",
		},
		{
			name:   "takes away what is required",
			source: minimal,
			overlay: func(c *configv1.Config) {
				c.Upstreams = nil
			},
			want: "upstreams: it is missing or empty, expected at least one item",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Parse("flags.yaml", []byte(test.source), config.Options{Overlay: test.overlay})
			check(t, got, err, test.want)
		})
	}
}

func addUpstream(target string) func(*configv1.Config) {
	return func(c *configv1.Config) {
		c.Upstreams = append(c.Upstreams, &configv1.Upstream{Target: target})
	}
}

func TestFromFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		overlay func(*configv1.Config)
		want    string
	}{
		{name: "good", overlay: addUpstream("a"), want: `{"upstreams":[{"target":"a"}]}`},
		{
			name:    "nothing",
			overlay: func(*configv1.Config) {},
			want:    "upstreams: it is missing or empty, expected at least one item",
		},
		{
			name: "wrong",
			overlay: func(c *configv1.Config) {
				c.Listen = &configv1.Listen{Admin: "9901"}
				addUpstream("a")(c)
				c.Upstreams[0].Services = []string{"a b"}
			},
			want: `listen.admin: "9901", expected host:port such as :8080 or 127.0.0.1:8080` + "\n" +
				`upstreams[0].services[0]: "a b", expected the full name of a service such as bookshop.catalog.v1.Catalog`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.FromFlags(test.overlay)
			check(t, got, err, test.want)
		})
	}
}

func TestValidateNil(t *testing.T) {
	t.Parallel()
	if err := config.Validate(nil); err == nil {
		t.Error("no configuration was accepted")
	}
}

// TestEnvironment reads a variable of the process, which is where they are
// looked up by default.
func TestEnvironment(t *testing.T) {
	t.Setenv("DRAGOMAN_TEST_TARGET", "localhost:1")
	got, err := config.Parse("env.yaml", []byte("upstreams: [{target: \"${DRAGOMAN_TEST_TARGET}\"}]"), config.Options{})
	check(t, got, err, `{"upstreams":[{"target":"localhost:1"}]}`)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	comment := func(size int) string { return minimal + "#" + strings.Repeat("x", size-len(minimal)-1) }
	tooLarge := write("too-large.yaml", comment(config.MaxFileBytes+1))
	wrong := write("wrong.yaml", "upstreams: 5\n")
	for _, test := range []struct{ name, path, want string }{
		{name: "good", path: write("good.yaml", minimal), want: `{"upstreams":[{"target":"localhost:50051"}]}`},
		{name: "wrong", path: wrong, want: wrong + ":1:12: upstreams: a single value, expected a list"},
		{
			name: "largest", path: write("largest.yaml", comment(config.MaxFileBytes)),
			want: `{"upstreams":[{"target":"localhost:50051"}]}`,
		},
		{name: "too large", path: tooLarge, want: tooLarge + ":1:1: the file is too large, expected at most 4194304 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Load(test.path, config.Options{})
			check(t, got, err, test.want)
		})
	}
	if _, err := config.Load(filepath.Join(folder, "none.yaml"), config.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load of a missing file: %v", err)
	}
	if _, err := config.Load(folder, config.Options{}); err == nil {
		t.Error("Load of a folder gave no error")
	}
}

// TestLongFile has a syntax error in a file that is too long to search for its
// place: what the parser says has to do, which is off by one here.
func TestLongFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		lines int
		want  string
	}{
		{name: "searched", lines: 500, want: "long.yaml:500:2: not YAML: did not find expected key"},
		{name: "not searched", lines: 501, want: "long.yaml:500:3: not YAML: did not find expected key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			source := "a:\n" + strings.Repeat("  - b\n", test.lines-2) + " c: d"
			_, err := config.Parse("long.yaml", []byte(source), config.Options{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestWithDefaults(t *testing.T) {
	t.Parallel()
	full := &configv1.Config{
		Listen: &configv1.Listen{Http: config.DefaultHTTPAddress, Admin: config.DefaultAdminAddress},
		Rest:   &configv1.Rest{Json: &configv1.Json{}},
		Limits: &configv1.Limits{
			HeaderBytes:          64 << 10,
			BodyBytes:            4 << 20,
			RequestMessageBytes:  4 << 20,
			ResponseMessageBytes: 64 << 20,
			ConcurrentStreams:    250,
			JsonDepth:            100,
		},
		Timeouts: &configv1.Timeouts{
			ReadHeader: durationpb.New(10 * time.Second),
			Idle:       durationpb.New(2 * time.Minute),
			Call:       durationpb.New(30 * time.Second),
			Shutdown:   durationpb.New(15 * time.Second),
			Connect:    durationpb.New(800 * time.Millisecond),
		},
		Log: &configv1.Log{Level: configv1.Log_LEVEL_INFO, Format: configv1.Log_FORMAT_TEXT},
	}
	with := func(change func(*configv1.Config)) *configv1.Config {
		changed := proto.CloneOf(full)
		change(changed)
		return changed
	}
	for _, test := range []struct {
		name     string
		in, want *configv1.Config
	}{
		{name: "nil", want: full},
		{name: "empty", in: &configv1.Config{}, want: full},
		{name: "complete", in: full, want: full},
		{
			name: "upstream",
			in:   &configv1.Config{Upstreams: []*configv1.Upstream{{Target: "a"}}},
			want: with(func(c *configv1.Config) {
				c.Upstreams = []*configv1.Upstream{{
					Name: "a", Target: "a",
					Schema: []*configv1.Schema{{Source: &configv1.Schema_Reflection{Reflection: &configv1.Reflection{}}}},
				}}
			}),
		},
		{
			name: "zero is not set",
			in:   &configv1.Config{Timeouts: &configv1.Timeouts{Idle: &durationpb.Duration{}}},
			want: full,
		},
		{
			name: "a default gives way to the bound",
			in:   &configv1.Config{Timeouts: &configv1.Timeouts{MaxCall: durationpb.New(time.Second)}},
			want: with(func(c *configv1.Config) {
				c.Timeouts.MaxCall, c.Timeouts.Call = durationpb.New(time.Second), durationpb.New(time.Second)
			}),
		},
		{
			name: "what is set stays",
			in: &configv1.Config{
				Listen: &configv1.Listen{Http: ":1"}, Limits: &configv1.Limits{JsonDepth: 1},
				Log: &configv1.Log{Level: configv1.Log_LEVEL_ERROR},
			},
			want: with(func(c *configv1.Config) {
				c.Listen.Http, c.Limits.JsonDepth, c.Log.Level = ":1", 1, configv1.Log_LEVEL_ERROR
			}),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := proto.CloneOf(test.in)
			got := config.WithDefaults(test.in)
			if diff := cmp.Diff(test.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, test.in, protocmp.Transform()); diff != "" {
				t.Errorf("the argument was changed (-before +after):\n%s", diff)
			}
		})
	}
}
