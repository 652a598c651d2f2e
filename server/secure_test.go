package server_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server"
)

func TestTLS_EveryPartHasItsCertificate(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Exits(0, ""))})
	follower := cluster.Follower() // forwards, with its own certificate
	application := processApplication(t, follower.Client())
	awaitRun(t, cluster, application, startRun(t, follower.Client(), processRun(application, 1)), "SUCCESS")

	ctx := testcluster.Within(t)
	calls := map[string]func(grpc.ClientConnInterface) error{
		"control": func(c grpc.ClientConnInterface) error {
			_, err := controlv1.NewClusterServiceClient(c).GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
			return err
		},
		"watch": func(c grpc.ClientConnInterface) error {
			stream, err := controlv1.NewClusterServiceClient(c).
				WatchEvents(ctx, &watchRequest{From: &controlv1.Position{Record: 1}})
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
		"agent": func(c grpc.ClientConnInterface) error {
			_, err := agentv1.NewAgentServiceClient(c).GetLeader(ctx, &agentv1.GetLeaderRequest{})
			return err
		},
		"peer": func(c grpc.ClientConnInterface) error {
			_, err := peerv1.NewPeerServiceClient(c).GetReadIndex(ctx, &peerv1.GetReadIndexRequest{})
			return err
		},
		"keys": func(c grpc.ClientConnInterface) error {
			_, err := controlv1.NewAccessKeyServiceClient(c).ListAccessKeys(ctx, &controlv1.ListAccessKeysRequest{})
			return err
		},
		"health": func(c grpc.ClientConnInterface) error {
			_, err := healthv1.NewHealthClient(c).Check(ctx, &healthv1.HealthCheckRequest{})
			return err
		},
	}
	may := map[string]map[string]bool{
		"server":   {"control": true, "watch": true, "peer": true, "keys": true, "health": true},
		"agent":    {"agent": true, "health": true},
		"client":   {"control": true, "watch": true, "health": true},
		"operator": {"control": true, "watch": true, "keys": true, "health": true},
	}
	for role, allowed := range may {
		conn := cluster.Dial(cluster.Leader(), role)
		defer conn.Close()
		for name, call := range calls {
			err := call(conn)
			if allowed[name] {
				if err != nil {
					t.Errorf("%s may not call %s: %v", role, name, err)
				}
				continue
			}
			wantError(t, err, errs.Forbidden, "", role)
		}
	}
	strangers(t, cluster.Leader().Address(), calls)
}

// strangers holds that nobody without a certificate is served.
func strangers(t *testing.T, address string, calls map[string]func(grpc.ClientConnInterface) error) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	defer conn.Close()
	for name, call := range calls {
		if err := call(conn); status.Code(err) != codes.Unavailable {
			t.Errorf("%s without a certificate: %v", name, err)
		}
	}
}

// config is one that could be served, on ports that nobody knows.
func config(t *testing.T) server.Config {
	t.Helper()
	dir := t.TempDir()
	c := server.DefaultConfig()
	c.ServerID = "server-1"
	c.DataDir = filepath.Join(dir, "data")
	c.KeyringFile = filepath.Join(dir, "keyring")
	c.HTTPAddress = ""
	c.GRPCAddress = "127.0.0.1:0"
	c.RaftAddress = "127.0.0.1:0"
	c.GossipAddress = "127.0.0.1:0"
	c.Log = slog.New(slog.DiscardHandler)
	must(t, server.CreateKeyring(c.KeyringFile))
	return c
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*server.Config)
		field  string
		names  []string
	}{
		"no id":            {func(c *server.Config) { c.ServerID = "" }, "server_id", nil},
		"id that acts":     {func(c *server.Config) { c.ServerID = "a\x1b[2J" }, "server_id", []string{"253"}},
		"region that acts": {func(c *server.Config) { c.Region = "eu\n" }, "region", nil},
		"no data":          {func(c *server.Config) { c.DataDir = "" }, "data_dir", nil},
		"no keyring": {
			func(c *server.Config) { c.KeyringFile = "" },
			"keyring_file",
			[]string{"headrace keyring create"},
		},
		"keyring is gone": {func(c *server.Config) { c.KeyringFile += "x" }, "keyring_file", nil},
		"keyring is open": {
			func(c *server.Config) { must(t, os.Chmod(c.KeyringFile, 0o644)) },
			"keyring_file",
			[]string{"644", "chmod 600"},
		},
		"keyring is text": {
			func(c *server.Config) { must(t, os.WriteFile(c.KeyringFile, []byte("secret"), 0o600)) },
			"keyring_file",
			[]string{"32 bytes"},
		},
		"approval": {
			func(c *server.Config) { c.NodeApproval = "sometimes" },
			"node_approval",
			[]string{"sometimes", "manual"},
		},
		"short lease": {func(c *server.Config) { c.Lease = 1 }, "lease", []string{"1ns"}},
		"account":     {func(c *server.Config) { c.AccountID = "12" }, "account_id", []string{"12 digits"}},
		"half of TLS": {func(c *server.Config) { c.TLS.CAFile = "ca.pem" }, "tls", []string{"key_file"}},
		"bootstrap": {
			func(c *server.Config) { c.BootstrapExpect = 10 },
			"bootstrap_expect",
			[]string{"10", "9"},
		},
		"beyond loopback": {
			func(c *server.Config) { c.GRPCAddress = "0.0.0.0:7401" },
			"grpc_address",
			[]string{"0.0.0.0:7401", "insecure"},
		},
		"raft is outside": {
			func(c *server.Config) { c.RaftAddress = "[::]:7402" },
			"raft_address",
			[]string{"insecure"},
		},
		"gossip for all": {
			func(c *server.Config) { c.GossipAddress = ":7403" },
			"gossip_address",
			[]string{"insecure"},
		},
		"http is no place": {func(c *server.Config) { c.HTTPAddress = "here" }, "http_address", []string{"host:port"}},
	} {
		cfg := config(t)
		c.change(&cfg)
		_, err := server.New(cfg)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
}

func TestNew_SaysWhichAddressIsTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	cfg := config(t)
	cfg.GRPCAddress = listener.Addr().String()
	if _, err := server.New(cfg); err == nil {
		t.Error("two listeners share an address")
	}
	cfg = config(t)
	cfg.RaftAddress = listener.Addr().String()
	if _, err := server.New(cfg); err == nil {
		t.Error("Raft shares an address")
	}
	if _, err := server.New(cfg); err == nil { // the first left nothing open, such as a lock on its data
		t.Error("Raft shares an address")
	}
}

func TestCreateKeyring_NeverOverwrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keyring")
	must(t, server.CreateKeyring(path))
	if err := server.CreateKeyring(path); err == nil {
		t.Error("a keyring was overwritten")
	}
	ring, err := server.OpenKeyring(path)
	must(t, err)
	if a, b := ring.Derive("a"), ring.Derive("b"); len(a) != 32 || string(a) == string(b) ||
		string(a) != string(ring.Derive("a")) {
		t.Error("keys of two uses are equal, or one of one use changes")
	}
}
