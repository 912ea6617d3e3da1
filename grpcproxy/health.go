// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"maps"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// health answers grpc.health.v1. Unlike gRPC's own server of that service it
// forgets services that are gone, and ends the watches when the server stops,
// which a graceful stop would otherwise wait for in vain.
type health struct {
	healthpb.UnimplementedHealthServer

	mu       sync.Mutex
	statuses map[string]healthpb.HealthCheckResponse_ServingStatus
	// changed is closed and replaced with each change.
	changed chan struct{}
	stopped bool
}

var _ healthpb.HealthServer = (*health)(nil)

func newHealth() *health {
	return &health{
		statuses: map[string]healthpb.HealthCheckResponse_ServingStatus{
			"": healthpb.HealthCheckResponse_NOT_SERVING,
		},
		changed: make(chan struct{}),
	}
}

// set makes the server as a whole and each of services have status, and
// forgets the rest. A server that has stopped stays as it is.
func (h *health) set(to healthpb.HealthCheckResponse_ServingStatus, services []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return
	}
	h.statuses = map[string]healthpb.HealthCheckResponse_ServingStatus{"": to}
	for _, service := range services {
		h.statuses[service] = to
	}
	h.signal()
}

// setNotServing makes everything that is known not serving.
func (h *health) setNotServing() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for service := range h.statuses {
		h.statuses[service] = healthpb.HealthCheckResponse_NOT_SERVING
	}
	h.signal()
}

// stop makes everything not serving, for good, and ends the watches when they
// have said so.
func (h *health) stop() {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.setNotServing()
}

func (h *health) signal() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// Check implements [healthpb.HealthServer].
func (h *health) Check(_ context.Context, request *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	serving, ok := h.statuses[request.GetService()]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "unknown service %q", request.GetService())
	}
	return &healthpb.HealthCheckResponse{Status: serving}, nil
}

// List implements [healthpb.HealthServer].
func (h *health) List(context.Context, *healthpb.HealthListRequest) (*healthpb.HealthListResponse, error) {
	h.mu.Lock()
	statuses := maps.Clone(h.statuses)
	h.mu.Unlock()
	response := &healthpb.HealthListResponse{Statuses: make(map[string]*healthpb.HealthCheckResponse, len(statuses))}
	for service, serving := range statuses {
		response.Statuses[service] = &healthpb.HealthCheckResponse{Status: serving}
	}
	return response, nil
}

// Watch implements [healthpb.HealthServer]. It says the status at once and
// then each time it is another.
func (h *health) Watch(
	request *healthpb.HealthCheckRequest, stream grpc.ServerStreamingServer[healthpb.HealthCheckResponse],
) error {
	said := healthpb.HealthCheckResponse_ServingStatus(-1)
	for {
		h.mu.Lock()
		serving, ok := h.statuses[request.GetService()]
		changed, stopped := h.changed, h.stopped
		h.mu.Unlock()
		if !ok {
			serving = healthpb.HealthCheckResponse_SERVICE_UNKNOWN
		}
		if serving != said {
			if err := stream.Send(&healthpb.HealthCheckResponse{Status: serving}); err != nil {
				return err
			}
			said = serving
		}
		if stopped {
			return status.Error(codes.Unavailable, "the gateway is stopping")
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		}
	}
}

// serve answers the method of path, or reports false if it is none of
// grpc.health.v1.
func (h *health) serve(path string, stream grpc.ServerStream) (bool, error) {
	switch path {
	case healthpb.Health_Check_FullMethodName:
		return true, serveUnary(stream, &healthpb.HealthCheckRequest{}, h.Check)
	case healthpb.Health_List_FullMethodName:
		return true, serveUnary(stream, &healthpb.HealthListRequest{}, h.List)
	case healthpb.Health_Watch_FullMethodName:
		request := &healthpb.HealthCheckRequest{}
		if err := receiveMessage(stream, request); err != nil {
			return true, err
		}
		return true, h.Watch(request, &grpc.GenericServerStream[healthpb.HealthCheckRequest, healthpb.HealthCheckResponse]{
			ServerStream: stream,
		})
	default:
		return false, nil
	}
}
