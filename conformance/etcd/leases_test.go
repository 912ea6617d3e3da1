// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// leases are about leases, with a lifetime that no test lives to see the end
// of.
var leases = []scenario.Scenario{
	{Name: "lease", Steps: []scenario.Step{
		{Name: "grant", Path: "/v3/lease/grant", Body: `{"TTL":"3600","ID":"7587"}`},
		{Name: "grant the same", Path: "/v3/lease/grant", Body: `{"TTL":"3600","ID":"7587"}`, Want: http.StatusBadRequest},
		{Name: "grant one of any number", Path: "/v3/lease/grant", Body: `{"TTL":3600}`, Capture: map[string]string{"lease": "ID"}},
		{Name: "grant for too long", Path: "/v3/lease/grant", Body: `{"TTL":"9000000001"}`, Want: http.StatusBadRequest},
		{Name: "put", Path: "/v3/kv/put", Body: `{"key":"b64(leased)","value":"b64(1)","lease":"7587"}`},
		{Name: "put and keep the lease", Path: "/v3/kv/put", Body: `{"key":"b64(leased)","value":"b64(2)","ignore_lease":true,"prev_kv":true}`},
		{Name: "range", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(leased)"}`},
		{Name: "leases", Reads: true, Path: "/v3/lease/leases", Body: `{}`},
		{Name: "leases, old path", Reads: true, Path: "/v3/kv/lease/leases", Body: `{}`},
		{Name: "time to live", Reads: true, Path: "/v3/lease/timetolive", Body: `{"ID":"7587"}`},
		{Name: "time to live, with keys", Reads: true, Path: "/v3/lease/timetolive", Body: `{"ID":"7587","keys":true}`},
		{Name: "time to live, old path", Reads: true, Path: "/v3/kv/lease/timetolive", Body: `{"ID":7587,"keys":true}`},
		{Name: "time to live of none", Reads: true, Path: "/v3/lease/timetolive", Body: `{"ID":"404"}`},
		{Name: "keep alive", Reads: true, Path: "/v3/lease/keepalive", Body: `{"ID":"7587"}`},
		{Name: "keep alive, two and one that is not there", Reads: true, Path: "/v3/lease/keepalive", Body: "{\"ID\":\"7587\"}\n{\"ID\":\"${lease}\"} {\"ID\":\"404\"}"},
		{Name: "keep nothing alive", Reads: true, Path: "/v3/lease/keepalive", Body: ``},
		{Name: "revoke", Path: "/v3/lease/revoke", Body: `{"ID":"7587"}`},
		{Name: "revoke again", Path: "/v3/lease/revoke", Body: `{"ID":"7587"}`, Want: http.StatusNotFound},
		{Name: "revoke, old path", Path: "/v3/kv/lease/revoke", Body: `{"ID":"${lease}"}`},
		{Name: "the key is gone", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(leased)"}`},
	}},
}

// coordination is about locks and elections, which etcd serves by services of
// their own.
var coordination = []scenario.Scenario{
	{Name: "lock", Steps: []scenario.Step{
		{Name: "grant", Path: "/v3/lease/grant", Body: `{"TTL":"3600","ID":"7587"}`},
		{Name: "lock", Path: "/v3/lock/lock", Body: `{"name":"b64(mutex)","lease":"7587"}`, Capture: map[string]string{"key": "key"}},
		{Name: "held", Reads: true, Path: "/v3/kv/range", Body: `{"key":"${key}"}`},
		{Name: "lock with a lease that is not there", Path: "/v3/lock/lock", Body: `{"name":"b64(mutex)","lease":"404"}`, Want: http.StatusInternalServerError},
		{Name: "unlock", Path: "/v3/lock/unlock", Body: `{"key":"${key}"}`},
		{Name: "not held", Reads: true, Path: "/v3/kv/range", Body: `{"key":"${key}"}`},
		{Name: "unlock again", Path: "/v3/lock/unlock", Body: `{"key":"${key}"}`},
	}},
	{Name: "election", Steps: []scenario.Step{
		{Name: "no leader", Reads: true, Path: "/v3/election/leader", Body: `{"name":"b64(king)"}`, Want: http.StatusInternalServerError},
		{Name: "grant", Path: "/v3/lease/grant", Body: `{"TTL":"3600","ID":"7587"}`},
		{Name: "campaign", Path: "/v3/election/campaign", Body: `{"name":"b64(king)","lease":"7587","value":"b64(one)"}`,
			Capture: map[string]string{"key": "leader.key", "rev": "leader.rev"}},
		{Name: "leader", Reads: true, Path: "/v3/election/leader", Body: `{"name":"b64(king)"}`},
		{Name: "proclaim", Path: "/v3/election/proclaim", Body: `{"leader":{"name":"b64(king)","key":"${key}","rev":"${rev}","lease":"7587"},"value":"b64(two)"}`},
		{Name: "leader with the new value", Reads: true, Path: "/v3/election/leader", Body: `{"name":"b64(king)"}`},
		{Name: "proclaim by somebody else", Path: "/v3/election/proclaim", Body: `{"leader":{"name":"b64(king)","key":"${key}","rev":"1","lease":"7587"},"value":"b64(three)"}`, Want: http.StatusInternalServerError},
		{Name: "resign", Path: "/v3/election/resign", Body: `{"leader":{"name":"b64(king)","key":"${key}","rev":"${rev}","lease":"7587"}}`},
		{Name: "resign of nobody", Path: "/v3/election/resign", Body: `{}`, Want: http.StatusInternalServerError},
	}},
}
