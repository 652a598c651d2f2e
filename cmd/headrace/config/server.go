package config

import (
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

// Server is how a server is to run. Begin with DefaultServer.
type Server struct {
	// ServerID is the server's name among the servers, the same for ever; by default the host's name.
	ServerID string `yaml:"server_id"`
	// DataDir holds the log and its snapshots. On a disk of its own, best one with a fast fsync.
	DataDir string `yaml:"data_dir"`
	// HTTPAddress serves the HTTP API, user interfaces and /healthz, host:port.
	HTTPAddress string `yaml:"http_address"`
	// GRPCAddress serves agents and clients, host:port.
	GRPCAddress string `yaml:"grpc_address"`
	// RaftAddress serves the other servers' log, host:port.
	RaftAddress string `yaml:"raft_address"`
	// GossipAddress serves the other servers' gossip, host:port, TCP and UDP.
	GossipAddress string `yaml:"gossip_address"`
	// AdvertiseHost is the host at which others reach this server; empty: that of each address.
	AdvertiseHost string `yaml:"advertise_host,omitempty"`
	// Join are gossip addresses of other servers; one that answers is enough.
	Join []string `yaml:"join,omitempty"`
	// BootstrapExpect is the number of servers that a new cluster waits for: 1, 3 or 5. 0: it only joins one.
	BootstrapExpect int `yaml:"bootstrap_expect"`
	// LogStore is wal or bolt; it cannot change once there is a log.
	LogStore string `yaml:"log_store"`
	// KeyringFile has the key by which secrets are encrypted; the same on every server.
	KeyringFile string `yaml:"keyring_file"`
	// TLS secures every connection.
	TLS TLS `yaml:"tls,omitempty"`
	// Insecure allows plain connections beyond this machine.
	Insecure bool `yaml:"insecure,omitempty"`
	// Lease is how long an agent may keep workers without hearing from a leader.
	Lease time.Duration `yaml:"lease"`
	// ReleaseCache is where archives of releases are kept for agents; empty: releases below DataDir.
	ReleaseCache string `yaml:"release_cache,omitempty"`
	// AccountID is the account of the cluster's ARNs, 12 digits; it counts at the bootstrap.
	AccountID string `yaml:"account_id"`
	// Region is the region of the cluster's ARNs; it counts at the bootstrap.
	Region string `yaml:"region"`
	// AccountVCPUQuota is how many vCPU all workers may hold together, the same on every server; 0: no quota.
	AccountVCPUQuota int64 `yaml:"account_vcpu_quota,omitempty"`
	// NodeApproval says what becomes of a node that joins, the same on every server: automatic, which gives it work at once, or manual,
	// which gives it nothing until an operator approves it.
	NodeApproval string `yaml:"node_approval"`
	// PendingTimeout is how long a job run may wait for room; the same on every server.
	PendingTimeout time.Duration `yaml:"pending_timeout"`
	// RetryBackoff is how long a job run waits between its first two attempts; it doubles. The same on every server.
	RetryBackoff time.Duration `yaml:"retry_backoff"`
	// RetryBackoffMost is how long it waits between attempts at most; the same on every server.
	RetryBackoffMost time.Duration `yaml:"retry_backoff_most"`
	// HTTPAnySignature lets everybody who reaches http_address, which has to be a loopback address, use the HTTP API, signed or not.
	HTTPAnySignature bool `yaml:"http_any_signature,omitempty"`
	// HTTPURL is the address at which people reach http_address, for links; empty: made from advertise_host and http_address.
	HTTPURL string `yaml:"http_url,omitempty"`
	// ObjectStore is how s3:// is reached.
	ObjectStore storage.Config `yaml:"object_store,omitempty"`
	// SharedDirectories are directories that this server shares with nodes: file:// log URIs of users are read below them only.
	SharedDirectories []string `yaml:"shared_directories,omitempty"`
	// LogStorage is where managed logs of job runs are kept, the same on every server: s3://BUCKET/PREFIX or file:///DIRECTORY that
	// all machines share; empty: in job-logs below the servers' data_dir, each log on two of them.
	LogStorage string `yaml:"log_storage,omitempty"`
	// LogRetention is how long managed logs are kept.
	LogRetention time.Duration `yaml:"log_retention"`
	// LogLimit is how much disk managed logs may use on this server; the oldest go first.
	LogLimit MiB `yaml:"log_limit"`
	// APIRates are how often operations of the HTTP API may be called on this server: published for the rates that the original
	// publishes, and OPERATION=PER_SECOND/BURST, such as StartJobRun=5/100, over them; empty: as often as one likes.
	APIRates []string `yaml:"api_rates,omitempty"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
}

// DefaultServer returns the defaults: one server that only this machine reaches.
func DefaultServer() Server {
	host, _ := os.Hostname()
	return Server{
		ServerID: host, DataDir: "/var/lib/headrace/server",
		HTTPAddress: "127.0.0.1:7400", GRPCAddress: "127.0.0.1:7401", RaftAddress: "127.0.0.1:7402", GossipAddress: "127.0.0.1:7403",
		KeyringFile: "/etc/headrace/keyring", BootstrapExpect: 1, LogStore: "wal", Lease: 10 * time.Second, AccountID: "000000000000", Region: "us-east-1",
		NodeApproval: "automatic", PendingTimeout: 6 * time.Hour, RetryBackoff: time.Second, RetryBackoffMost: time.Minute,
		LogRetention: 30 * 24 * time.Hour, LogLimit: 50 << 10, LogLevel: "info",
	}
}

// Bind adds the flags.
func (s *Server) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&s.ServerID, "server-id", s.ServerID, "the server's name among the servers, the same for ever")
	flags.StringVar(&s.DataDir, "data-dir", s.DataDir, "directory of the log and its snapshots")
	flags.StringVar(&s.HTTPAddress, "http-address", s.HTTPAddress, "host:port of the HTTP API, user interfaces and /healthz")
	flags.StringVar(&s.GRPCAddress, "grpc-address", s.GRPCAddress, "host:port for agents and clients")
	flags.StringVar(&s.RaftAddress, "raft-address", s.RaftAddress, "host:port for the other servers' log")
	flags.StringVar(&s.GossipAddress, "gossip-address", s.GossipAddress, "host:port for the other servers' gossip")
	flags.StringVar(&s.AdvertiseHost, "advertise-host", s.AdvertiseHost, "host at which others reach this server")
	flags.StringSliceVar(&s.Join, "join", s.Join, "gossip addresses of other servers")
	flags.IntVar(&s.BootstrapExpect, "bootstrap-expect", s.BootstrapExpect, "servers that a new cluster waits for")
	flags.StringVar(&s.LogStore, "log-store", s.LogStore, "wal or bolt; cannot change once there is a log")
	flags.StringVar(&s.KeyringFile, "keyring-file", s.KeyringFile, "file with the key by which secrets are encrypted")
	flags.BoolVar(&s.Insecure, "insecure", s.Insecure, "allow plain connections beyond this machine")
	flags.DurationVar(&s.Lease, "lease", s.Lease, "how long an agent may keep workers without hearing from a leader")
	flags.StringVar(&s.ReleaseCache, "release-cache", s.ReleaseCache, "directory of releases' archives")
	flags.StringVar(&s.AccountID, "account-id", s.AccountID, "account of the cluster's ARNs")
	flags.StringVar(&s.Region, "region", s.Region, "region of the cluster's ARNs")
	flags.Int64Var(&s.AccountVCPUQuota, "account-vcpu-quota", s.AccountVCPUQuota, "vCPU that all workers may hold together; 0: no quota")
	flags.StringVar(&s.NodeApproval, "node-approval", s.NodeApproval, "automatic, or manual: a node that joins is given nothing until an operator approves it")
	flags.DurationVar(&s.PendingTimeout, "pending-timeout", s.PendingTimeout, "how long a job run may wait for room")
	flags.DurationVar(&s.RetryBackoff, "retry-backoff", s.RetryBackoff, "how long a job run waits between its first two attempts; it doubles")
	flags.DurationVar(&s.RetryBackoffMost, "retry-backoff-most", s.RetryBackoffMost, "how long a job run waits between attempts at most")
	flags.StringVar(&s.LogLevel, "log-level", s.LogLevel, "debug, info, warn or error")
	flags.BoolVar(&s.HTTPAnySignature, "http-any-signature", s.HTTPAnySignature, "let everybody on this machine use the HTTP API, signed or not")
	flags.StringVar(&s.HTTPURL, "http-url", s.HTTPURL, "address at which people reach --http-address, for links")
	flags.StringSliceVar(&s.SharedDirectories, "shared-directories", s.SharedDirectories, "directories below which file:// log URIs of users are read")
	flags.StringVar(&s.LogStorage, "log-storage", s.LogStorage, "where managed logs are kept, s3:// or file://; empty: on the servers")
	flags.DurationVar(&s.LogRetention, "log-retention", s.LogRetention, "how long managed logs are kept")
	flags.StringSliceVar(&s.APIRates, "api-rates", s.APIRates, "rates of the HTTP API: published, OPERATION=PER_SECOND/BURST; none: no limits")
	flags.Var(&s.LogLimit, "log-limit", "disk that managed logs may use on this server, such as 50GB; the oldest go first")
	s.TLS.Bind(flags)
	bindObjectStore(&s.ObjectStore, flags)
}

// Validate names the first setting that is wrong.
func (s *Server) Validate() error {
	switch {
	case s.ServerID == "":
		return errs.Field("server_id", "cannot run a server without a name")
	case s.DataDir == "":
		return errs.Field("data_dir", "cannot run a server without a data directory")
	case s.LogStore != "wal" && s.LogStore != "bolt":
		return errs.Field("log_store", "cannot be %q: wal or bolt", s.LogStore)
	case s.KeyringFile == "":
		return errs.Field("keyring_file", "cannot run a server without the cluster's keyring: headrace keyring create FILE makes one, the same for all servers")
	case s.BootstrapExpect < 0 || s.BootstrapExpect > 9:
		return errs.Field("bootstrap_expect", "cannot be %d: 0, which only joins a cluster, to 9; best 3", s.BootstrapExpect)
	case s.BootstrapExpect != 1 && len(s.Join) == 0:
		return errs.Field("join", "cannot find the other servers without the gossip address of one")
	case s.AccountVCPUQuota < 0:
		return errs.Field("account_vcpu_quota", "cannot be %d: 0, which is no quota, or a number of vCPU", s.AccountVCPUQuota)
	case s.NodeApproval != "automatic" && s.NodeApproval != "manual":
		return errs.Field("node_approval", "cannot be %q: automatic or manual", s.NodeApproval)
	case s.PendingTimeout < time.Second || s.PendingTimeout > 7*24*time.Hour:
		return errs.Field("pending_timeout", "cannot be %s: 1s to 168h", s.PendingTimeout)
	case s.RetryBackoff < time.Millisecond || s.RetryBackoff > s.RetryBackoffMost || s.RetryBackoffMost > time.Hour:
		return errs.Field("retry_backoff", "cannot be %s: 1ms to retry_backoff_most, which is %s and at most 1h", s.RetryBackoff, s.RetryBackoffMost)
	case s.LogRetention < time.Minute || s.LogRetention > 10*365*24*time.Hour:
		return errs.Field("log_retention", "cannot be %s: 1m to 87600h", s.LogRetention)
	case s.LogLimit < 64:
		return errs.Field("log_limit", "cannot be %d MiB: at least 64MB", s.LogLimit)
	case s.HTTPAnySignature && !loopback(s.HTTPAddress):
		return errs.Field("http_any_signature", "cannot be set with http_address %s: everybody who reaches it could use the API", s.HTTPAddress)
	case s.Lease < time.Second || s.Lease > 10*time.Minute:
		return errs.Field("lease", "cannot be %s: 1s to 10m", s.Lease)
	}
	if err := checkLogLevel(s.LogLevel); err != nil {
		return err
	}
	if err := s.ObjectStore.Validate(); err != nil {
		return err
	}
	if err := s.TLS.Validate(); err != nil {
		return err
	}
	return s.validateAddresses()
}

func (s *Server) validateAddresses() error {
	for _, listen := range []struct{ field, address string }{{"http_address", s.HTTPAddress}, {"grpc_address", s.GRPCAddress},
		{"raft_address", s.RaftAddress}, {"gossip_address", s.GossipAddress}} {
		if err := checkAddress(listen.field, listen.address); err != nil {
			return err
		}
		if err := checkPlain(listen.field, listen.address, s.TLS.On(), s.Insecure); err != nil {
			return err
		}
	}
	for _, address := range s.Join {
		if err := checkAddress("join", address); err != nil {
			return err
		}
	}
	return nil
}
