// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
	"google.golang.org/protobuf/testing/protocmp"
)

// natives are what etcd's own client does through the gateway: it knows
// nothing of a gateway, and takes it for etcd. client is the client of the
// gateway, direct one of etcd.
var natives = []struct {
	name string
	do   func(ctx context.Context, client, direct *clientv3.Client) error
}{
	{"put and get", func(ctx context.Context, client, direct *clientv3.Client) error {
		if _, err := client.Put(ctx, "n/1", "1"); err != nil {
			return err
		}
		got, err := client.Get(ctx, "n/", clientv3.WithPrefix())
		if err != nil {
			return err
		}
		want, err := direct.Get(ctx, "n/", clientv3.WithPrefix())
		if err != nil {
			return err
		}
		return same((*pb.RangeResponse)(want), (*pb.RangeResponse)(got))
	}},
	{"transaction", func(ctx context.Context, client, _ *clientv3.Client) error {
		got, err := client.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision("t"), "=", 0)).
			Then(clientv3.OpPut("t", "1")).Else(clientv3.OpGet("t")).Commit()
		if err != nil {
			return err
		}
		return same(true, got.Succeeded)
	}},
	{"lease", func(ctx context.Context, client, direct *clientv3.Client) error {
		lease, err := client.Grant(ctx, 3600)
		if err != nil {
			return err
		}
		if _, err := client.Put(ctx, "leased", "1", clientv3.WithLease(lease.ID)); err != nil {
			return err
		}
		if _, err := client.KeepAliveOnce(ctx, lease.ID); err != nil {
			return err
		}
		if _, err := client.Revoke(ctx, lease.ID); err != nil {
			return err
		}
		got, err := direct.Get(ctx, "leased")
		if err != nil {
			return err
		}
		return same(int64(0), got.Count)
	}},
	{"watch", func(ctx context.Context, client, direct *clientv3.Client) error {
		ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
		defer cancel()
		events := client.Watch(ctx, "w/", clientv3.WithPrefix(), clientv3.WithPrevKV(), clientv3.WithCreatedNotify())
		if created := <-events; !created.Created {
			return fmt.Errorf("first answer is %+v, want created", created)
		}
		for i := range 3 {
			value := fmt.Sprint(i)
			if _, err := direct.Put(ctx, "w/1", value); err != nil {
				return err
			}
			got := <-events
			if err := got.Err(); err != nil {
				return err
			}
			if err := same(value, string(got.Events[0].Kv.Value)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"mutex", func(ctx context.Context, client, _ *clientv3.Client) error {
		session, err := concurrency.NewSession(client, concurrency.WithContext(ctx))
		if err != nil {
			return err
		}
		mutex := concurrency.NewMutex(session, "mutex/")
		if err := mutex.Lock(ctx); err != nil {
			return err
		}
		if err := mutex.Unlock(ctx); err != nil {
			return err
		}
		return session.Close()
	}},
	{"snapshot", func(ctx context.Context, client, _ *clientv3.Client) error {
		snapshot, err := client.Snapshot(ctx)
		if err != nil {
			return err
		}
		size, err := io.Copy(io.Discard, snapshot)
		if err != nil {
			return err
		}
		if size == 0 {
			return errors.New("the snapshot is empty")
		}
		return snapshot.Close()
	}},
	// etcd's client tells its errors apart by their code and text.
	{"lease that is not there", func(ctx context.Context, client, _ *clientv3.Client) error {
		_, err := client.Revoke(ctx, 404)
		return same(rpctypes.ErrLeaseNotFound, err)
	}},
	{"revision to come", func(ctx context.Context, client, _ *clientv3.Client) error {
		_, err := client.Get(ctx, "a", clientv3.WithRev(1<<40))
		return same(rpctypes.ErrFutureRev, err)
	}},
	{"large value", func(ctx context.Context, client, direct *clientv3.Client) error {
		value := strings.Repeat("x", 1<<20)
		if _, err := client.Put(ctx, "large", value); err != nil {
			return err
		}
		got, err := direct.Get(ctx, "large")
		if err != nil {
			return err
		}
		return same(value, string(got.Kvs[0].Value))
	}},
	{"too large value", func(ctx context.Context, client, _ *clientv3.Client) error {
		_, err := client.Put(ctx, "large", strings.Repeat("x", 1_700_000))
		return same(rpctypes.ErrRequestTooLarge, err)
	}},
	{"user and password", func(ctx context.Context, client, direct *clientv3.Client) (err error) {
		if err := enableAuth(ctx, direct); err != nil {
			return err
		}
		as := func(name, password string) (*clientv3.Client, error) {
			return clientv3.New(clientv3.Config{
				Endpoints: client.Endpoints(), Username: name, Password: password,
				DialTimeout: within, Context: ctx, Logger: zap.NewNop(),
			})
		}
		root, err := as("root", "root")
		if err != nil {
			return err
		}
		// Those who come next have no name.
		defer func() {
			_, disableErr := root.AuthDisable(ctx)
			err = errors.Join(err, disableErr, root.Close())
		}()
		alice, err := as("alice", "alice")
		if err != nil {
			return err
		}
		_, putErr := root.Put(ctx, "secret", "1")
		_, getErr := alice.Get(ctx, "secret")
		_, wrongErr := as("root", "wrong")
		return errors.Join(putErr, alice.Close(),
			same(rpctypes.ErrPermissionDenied, getErr), same(rpctypes.ErrAuthFailed, wrongErr))
	}},
}

func TestNativeClient(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, port := range []struct{ name, address string }{{"http", w.gateway.HTTP}, {"grpc", w.gateway.GRPC}} {
			client := newClient(t, port.address)
			w.empty(t)
			for _, native := range natives {
				t.Run(port.name+"/"+native.name, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), within)
					defer cancel()
					if err := native.do(ctx, client, w.direct); err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
}

// enableAuth makes the users root and alice, whose passwords are their names,
// unless there are any, and turns auth on.
func enableAuth(ctx context.Context, client *clientv3.Client) error {
	users, err := client.UserList(ctx)
	if err != nil {
		return err
	}
	if len(users.Users) == 0 {
		_, addRoot := client.UserAdd(ctx, "root", "root")
		_, grant := client.UserGrantRole(ctx, "root", "root")
		_, addAlice := client.UserAdd(ctx, "alice", "alice")
		if err := errors.Join(addRoot, grant, addAlice); err != nil {
			return err
		}
	}
	_, err = client.AuthEnable(ctx)
	return err
}

// same returns an error if got is not want.
func same(want, got any) error {
	if err, ok := want.(error); ok {
		gotErr, _ := got.(error)
		if !errors.Is(gotErr, err) {
			return fmt.Errorf("error %v, want %v", got, want)
		}
		return nil
	}
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
		return fmt.Errorf("differs (-want +got):\n%.2000s", diff)
	}
	return nil
}
