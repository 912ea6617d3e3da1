// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/translate"
)

// A Handler answers the REST requests of one generation. It is immutable and
// safe for concurrent use.
type Handler struct {
	router *httprule.Router[*route]
	routes []*route
	invoke rpc.Invoker
	// missing is what requests without a route get, nil for 404.
	missing error

	write            translate.WriteOptions
	allowUnboundBody bool
	maxBody          int
	headersAfter     time.Duration
	forwardRequest   nameSet
	forwardResponse  nameSet

	statuses *statusWriter
	buffers  *bufferPool
	gzip     *gzipPool
	logger   *slog.Logger
}

var _ http.Handler = (*Handler)(nil)

// New compiles the routes of every method in the catalog. If anything is wrong
// it returns no handler and all that is wrong, joined: each error names the
// method, its file and the binding.
func New(o Options) (*Handler, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	h := &Handler{
		router:           httprule.NewRouter[*route](),
		invoke:           o.Invoke,
		missing:          o.Missing,
		write:            o.Write,
		allowUnboundBody: o.AllowUnboundBody,
		maxBody:          o.MaxBodyBytes,
		headersAfter:     o.HeadersAfter,
		buffers:          new(bufferPool),
		gzip:             new(gzipPool),
		logger:           o.Logger,
	}
	c := &compiler{
		options: &o,
		router:  h.router,
		queries: make(map[protoreflect.FullName]*queryIndex),
	}
	c.addAll()
	h.routes = c.routes

	var err error
	if h.forwardRequest, err = newNameSet(o.ForwardRequestHeaders); err != nil {
		c.errs = append(c.errs, fmt.Errorf("request headers to forward: %w", err))
	}
	if h.forwardResponse, err = newNameSet(o.ForwardResponseHeaders); err != nil {
		c.errs = append(c.errs, fmt.Errorf("response headers to forward: %w", err))
	}
	if h.statuses, err = newStatusWriter(o.Catalog.Types(), o.Write); err != nil {
		c.errs = append(c.errs, err)
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return h, nil
}

// Routes lists every route, declared ones first.
func (h *Handler) Routes() []Route {
	routes := make([]Route, len(h.routes))
	for i, r := range h.routes {
		routes[i] = Route{Verb: r.verb, Pattern: r.pattern, Method: r.method.Path}
	}
	return routes
}

// Matches reports whether a route of the schema is bound to the request's path,
// for whichever verb.
func (h *Handler) Matches(r *http.Request) bool {
	return len(h.router.Allow(r.URL.EscapedPath())) > 0
}

// ServeHTTP answers every request, one without a route with 404 or 405.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{h: h, w: w, r: r}
	if err := x.route(); err != nil {
		x.writeError(err, nil, nil)
		return
	}
	x.serve()
}

// route finds the route of the request. A form that is posted may stand for
// another verb: for the one that it overrides POST with, or for GET, since a
// query can be too long for a URL.
func (x *exchange) route() error {
	path, verb := x.r.URL.EscapedPath(), x.r.Method
	if !strings.HasPrefix(path, "/") {
		return routingError(codes.InvalidArgument, http.StatusBadRequest)
	}
	posted := verb == http.MethodPost && mediaType(x.r.Header.Get("Content-Type")) == formType
	if override := x.r.Header.Get("X-Http-Method-Override"); posted && override != "" {
		if err := x.readForm(); err != nil {
			return err
		}
		verb, posted = strings.ToUpper(override), false
	}
	if x.match(verb, path) {
		return nil
	}
	if posted && x.match(http.MethodGet, path) {
		return x.readForm()
	}
	allow := x.h.router.Allow(path)
	if len(allow) == 0 && x.h.missing != nil {
		return x.h.missing
	}
	if len(allow) == 0 {
		return routingError(codes.NotFound, http.StatusNotFound)
	}
	x.w.Header().Set("Allow", strings.Join(slices.DeleteFunc(allow, func(verb string) bool {
		return verb == httprule.AnyMethod
	}), ", "))
	return routingError(codes.Unimplemented, http.StatusMethodNotAllowed)
}

func (x *exchange) match(verb, path string) bool {
	matched, captures, ok := x.h.router.Match(verb, path, x.captureSpace[:0])
	x.matched, x.captures = matched, captures
	return ok
}
