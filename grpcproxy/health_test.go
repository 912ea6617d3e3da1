// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	const (
		serving    = healthpb.HealthCheckResponse_SERVING
		notServing = healthpb.HealthCheckResponse_NOT_SERVING
	)
	type statuses = map[string]healthpb.HealthCheckResponse_ServingStatus
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			server := grpcproxy.NewServer(always(t, (&fake{}).invoke))
			client := healthpb.NewHealthClient(dial(t, front.serve(t, server)))
			ctx := testContext(t)
			for _, step := range []struct {
				name string
				do   func()
				want statuses
			}{
				{"at first", func() {}, statuses{"": notServing}},
				{"serving", func() { server.SetServing("a.A", "b.B") }, statuses{"": serving, "a.A": serving, "b.B": serving}},
				{"another schema", func() { server.SetServing("b.B", "c.C") }, statuses{"": serving, "b.B": serving, "c.C": serving}},
				{"not serving", server.SetNotServing, statuses{"": notServing, "b.B": notServing, "c.C": notServing}},
				{"again", func() { server.SetServing() }, statuses{"": serving}},
			} {
				step.do()
				list, err := client.List(ctx, &healthpb.HealthListRequest{})
				if err != nil {
					t.Fatalf("%s: List = %v", step.name, err)
				}
				listed, checked := statuses{}, statuses{}
				for name, response := range list.GetStatuses() {
					listed[name] = response.GetStatus()
				}
				if diff := cmp.Diff(step.want, listed); diff != "" {
					t.Errorf("%s: List mismatch (-want +got):\n%s", step.name, diff)
				}
				for _, name := range []string{"", "a.A", "b.B", "c.C"} {
					response, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: name})
					switch {
					case err == nil:
						checked[name] = response.GetStatus()
					case status.Code(err) != codes.NotFound:
						t.Errorf("%s: Check(%q) = %v", step.name, name, err)
					}
				}
				if diff := cmp.Diff(step.want, checked); diff != "" {
					t.Errorf("%s: Check mismatch (-want +got):\n%s", step.name, diff)
				}
			}
			stop(t, server)
			server.SetServing() // must not undo the stop
		})
	}
}

func TestHealthWatch(t *testing.T) {
	t.Parallel()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			server := grpcproxy.NewServer(always(t, (&fake{}).invoke))
			conn := dial(t, front.serve(t, server))
			ctx, cancel := context.WithCancel(testContext(t))
			defer cancel()
			watch, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{Service: "a.A"})
			if err != nil {
				t.Fatal(err)
			}
			wantHealth(t, watch, healthpb.HealthCheckResponse_SERVICE_UNKNOWN)
			server.SetServing("a.A")
			wantHealth(t, watch, healthpb.HealthCheckResponse_SERVING)
			server.SetServing("a.A", "b.B") // no news for this watch
			server.SetNotServing()
			wantHealth(t, watch, healthpb.HealthCheckResponse_NOT_SERVING)
			cancel()
			if _, err := watch.Recv(); status.Code(err) != codes.Canceled {
				t.Errorf("Recv = %v, want CANCELED", err)
			}
		})
	}
}

// TestHealthRequest is about requests that a generated client does not send.
func TestHealthRequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T) grpcproxy.Options { return always(t, (&fake{}).invoke) },
		func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
			for _, method := range []string{healthpb.Health_Check_FullMethodName, healthpb.Health_Watch_FullMethodName} {
				stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method, grpc.ForceCodecV2(raw{}))
				if err != nil {
					t.Fatal(err)
				}
				request := []byte{0xff}
				if err := errors.Join(stream.SendMsg(&request), stream.CloseSend()); err != nil {
					t.Fatal(err)
				}
				if err := stream.RecvMsg(&request); status.Code(err) != codes.Internal {
					t.Errorf("%s of garbage = %v, want INTERNAL", method, err)
				}
			}
		})
}

func wantHealth(t *testing.T, watch grpc.ServerStreamingClient[healthpb.HealthCheckResponse], want healthpb.HealthCheckResponse_ServingStatus) {
	t.Helper()
	response, err := watch.Recv()
	if err != nil || response.GetStatus() != want {
		t.Fatalf("the watch says %v, %v, want %v", response.GetStatus(), err, want)
	}
}
