// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

// A usageError is a mistake on the command line.
type usageError struct {
	message string
}

func (e *usageError) Error() string { return e.message }

// A locatedError is about a configuration file, and each of its lines says
// where in it.
type locatedError struct {
	err error
}

func (e *locatedError) Error() string { return e.err.Error() }

func (e *locatedError) Unwrap() error { return e.err }

// oneLine puts joined errors on one line.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

// flags are what is given on the command line. They win over the file.
type flags struct {
	config            string
	upstream          string
	schemas           []string
	http, grpc, admin string
}

// parseFlags reads args. Only serve listens.
func parseFlags(name string, args []string, listens bool) (*flags, error) {
	var parsed flags
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&parsed.config, "config", "", "")
	set.StringVar(&parsed.upstream, "upstream", "", "")
	set.Func("schema", "", func(source string) error {
		if source == "" {
			return errors.New("empty")
		}
		parsed.schemas = append(parsed.schemas, source)
		return nil
	})
	if listens {
		set.StringVar(&parsed.http, "http", "", "")
		set.StringVar(&parsed.grpc, "grpc", "", "")
		set.StringVar(&parsed.admin, "admin", "", "")
	}
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, &usageError{err.Error()}
	}
	if set.NArg() > 0 {
		return nil, &usageError{fmt.Sprintf("unexpected argument %q", set.Arg(0))}
	}
	return &parsed, nil
}

// load returns the configuration that file and flags make together.
func (f *flags) load() (*configv1.Config, error) {
	if f.config == "" && f.upstream == "" {
		return nil, &usageError{"--upstream TARGET or --config FILE is needed"}
	}
	var usage error
	overlay := func(made *configv1.Config) { usage = f.overlay(made) }
	if f.config == "" {
		return config.FromFlags(overlay)
	}
	loaded, err := config.Load(f.config, config.Options{Overlay: overlay})
	if usage != nil {
		return nil, usage
	}
	if err != nil {
		return nil, &locatedError{err}
	}
	return loaded, nil
}

// overlay writes the flags over what made has.
func (f *flags) overlay(made *configv1.Config) error {
	if made.Listen == nil {
		made.Listen = &configv1.Listen{}
	}
	setIfGiven(&made.Listen.Http, f.http)
	setIfGiven(&made.Listen.Grpc, f.grpc)
	setIfGiven(&made.Listen.Admin, f.admin)
	if f.upstream == "" && len(f.schemas) == 0 {
		return nil
	}
	switch len(made.GetUpstreams()) {
	case 0:
		made.Upstreams = []*configv1.Upstream{{}}
	case 1:
	default:
		return &usageError{"--upstream and --schema are for one upstream, and the file has several"}
	}
	setIfGiven(&made.Upstreams[0].Target, f.upstream)
	if len(f.schemas) > 0 {
		made.Upstreams[0].Schema = nil
	}
	for _, source := range f.schemas {
		made.Upstreams[0].Schema = append(made.Upstreams[0].Schema, schemaSource(source))
	}
	return nil
}

func setIfGiven(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// schemaSource says what a SRC of the command line is: the word "reflect",
// .proto sources, or else a descriptor set.
func schemaSource(source string) *configv1.Schema {
	if source == "reflect" {
		return &configv1.Schema{Source: &configv1.Schema_Reflection{Reflection: &configv1.Reflection{}}}
	}
	info, err := os.Stat(source)
	if strings.HasSuffix(source, ".proto") || err == nil && info.IsDir() {
		return &configv1.Schema{Source: &configv1.Schema_Proto{Proto: source}}
	}
	return &configv1.Schema{Source: &configv1.Schema_DescriptorSet{DescriptorSet: source}}
}
