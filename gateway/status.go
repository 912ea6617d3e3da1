// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

// Status is what a running gateway serves, as /status of the admin address
// shows it.
type Status struct {
	// Generation counts the generations that were built, from 1.
	Generation uint64 `json:"generation"`
	// Services are the full names of the services that are served.
	Services []string `json:"services"`
	// Upstreams are the gRPC servers behind the gateway.
	Upstreams []UpstreamStatus `json:"upstreams"`
	// Pending says which part of the API is missing, and why.
	Pending string `json:"pending,omitempty"`
	// Warnings tell where what is served differs from what the schemas say.
	Warnings []string `json:"warnings,omitempty"`
}

// UpstreamStatus is one upstream as it is now.
type UpstreamStatus struct {
	Name string `json:"name"`
	// State is grpc-go's word for the connection: IDLE, CONNECTING, READY,
	// TRANSIENT_FAILURE or SHUTDOWN.
	State string `json:"state"`
}

// Status returns what the gateway serves now.
func (g *Gateway) Status() Status {
	current := g.acquire()
	if current == nil {
		return Status{Pending: ErrClosed.Error()}
	}
	defer current.release()
	status := Status{Generation: current.number, Warnings: current.warnings}
	for _, service := range current.catalog.Services() {
		status.Services = append(status.Services, string(service.FullName()))
	}
	for _, cluster := range current.clusters {
		status.Upstreams = append(status.Upstreams, UpstreamStatus{
			Name: cluster.Name(), State: cluster.State().String(),
		})
	}
	if current.pending != nil {
		status.Pending = current.pending.Error()
	}
	return status
}
