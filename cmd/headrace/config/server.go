package config

import (
	"os"
	"time"

	"github.com/headrace/headrace/server"
)

// Server is how a server is to run. Begin with DefaultServer.
type Server struct {
	Process `yaml:",inline"`

	// ServerID is the server's name among the servers, the same for ever; by default the host's name.
	ServerID string `yaml:"server_id"`
	// DataDir holds the log and its snapshots. It is best on a disk of its own with a fast fsync.
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
	// BootstrapExpect is the number of servers that a new cluster waits for: 3 or 5; 1: it begins one alone, and joins
	// nobody. 0: it only joins one, as a server does that began alone and lost its log.
	BootstrapExpect int `yaml:"bootstrap_expect"`
	// LogStore is wal or bolt; it cannot change once there is a log.
	LogStore string `yaml:"log_store"`
	// KeyringFile has the key by which secrets are encrypted; the same on every server.
	KeyringFile string `yaml:"keyring_file"`
	// Lease is how long an agent may keep workers without hearing from a leader.
	Lease time.Duration `yaml:"lease"`
	// ReleaseCache is where archives of releases are kept for agents; empty: releases below DataDir.
	ReleaseCache string `yaml:"release_cache,omitempty"`
	// AccountID is the account in the cluster's ARNs, 12 digits. It is used only when the cluster is first made.
	AccountID string `yaml:"account_id"`
	// Region is the region in the cluster's ARNs. It is used only when the cluster is first made.
	Region string `yaml:"region"`
	// AccountVCPUQuota is how many vCPU all workers may hold together, the same on every server; 0: no quota.
	AccountVCPUQuota int64 `yaml:"account_vcpu_quota,omitempty"`
	// NodeApproval is automatic or manual, the same on every server: a node that joins gets work at once, or only after
	// an operator approved it.
	NodeApproval string `yaml:"node_approval"`
	// PendingTimeout is how long a job run may wait for room; the same on every server.
	PendingTimeout time.Duration `yaml:"pending_timeout"`
	// RetryBackoff is how long a job run waits between its first two attempts; it doubles. The same on every server.
	RetryBackoff time.Duration `yaml:"retry_backoff"`
	// RetryBackoffMax is the longest wait between two attempts; the same on every server.
	RetryBackoffMax time.Duration `yaml:"retry_backoff_max"`
	// HTTPAnySignature lets everybody who reaches http_address, which has to be a loopback address, use the HTTP API,
	// signed or not.
	HTTPAnySignature bool `yaml:"http_any_signature,omitempty"`
	// HTTPURL is the address at which people reach http_address, for links; empty: made from advertise_host and
	// http_address.
	HTTPURL string `yaml:"http_url,omitempty"`
	// SharedDirectories are directories that this server shares with nodes: file:// log URIs of users are read below
	// them only.
	SharedDirectories []string `yaml:"shared_directories,omitempty"`
	// LogStorage is where managed logs of job runs are kept, the same on every server: s3://BUCKET/PREFIX or
	// file:///DIRECTORY that all machines share; empty: in job-logs below the servers' data_dir, each log on two of
	// them.
	LogStorage string `yaml:"log_storage,omitempty"`
	// LogRetention is how long managed logs are kept.
	LogRetention time.Duration `yaml:"log_retention"`
	// HistoryAfter is how long a job run that is over stays in the servers' memory before it goes into the history, the
	// same on every server.
	HistoryAfter time.Duration `yaml:"history_after"`
	// HistoryRetention is how long the history is kept, from the end of a job run on, the same on every server.
	HistoryRetention time.Duration `yaml:"history_retention"`
	// LogLimit is how much disk managed logs may use on this server; the oldest go first.
	LogLimit MiB `yaml:"log_limit"`
	// APIRates are how often operations of the HTTP API may be called on this server: published for the rates that the
	// original publishes, and OPERATION=PER_SECOND/BURST, such as StartJobRun=5/100, over them; empty: without a limit.
	APIRates []string `yaml:"api_rates,omitempty"`
}

// DefaultServer returns the defaults: one server that only this machine reaches.
func DefaultServer() Server {
	host, _ := os.Hostname()
	d := server.DefaultConfig()
	return Server{
		Process:         defaultProcess(),
		ServerID:        host,
		DataDir:         "/var/lib/headrace/server",
		HTTPAddress:     d.HTTPAddress,
		GRPCAddress:     d.GRPCAddress,
		RaftAddress:     d.RaftAddress,
		GossipAddress:   d.GossipAddress,
		KeyringFile:     "/etc/headrace/keyring",
		BootstrapExpect: d.BootstrapExpect,
		LogStore:        d.LogStore,
		Lease:           d.Lease,
		AccountID:       d.AccountID,
		Region:          d.Region,
		NodeApproval:    d.NodeApproval,
		PendingTimeout:  d.PendingTimeout,
		RetryBackoff:    d.RetryBackoff,
		RetryBackoffMax: d.RetryBackoffMax,
		LogRetention:    d.LogRetention,
		LogLimit:        MiB(d.LogLimit >> 20),

		HistoryAfter:     d.HistoryAfter,
		HistoryRetention: d.HistoryRetention,
	}
}

// Config makes of the settings what a server needs, but its version and its logger.
func (s *Server) Config() server.Config {
	return server.Config{
		ServerID:        s.ServerID,
		DataDir:         s.DataDir,
		HTTPAddress:     s.HTTPAddress,
		GRPCAddress:     s.GRPCAddress,
		RaftAddress:     s.RaftAddress,
		GossipAddress:   s.GossipAddress,
		AdvertiseHost:   s.AdvertiseHost,
		Join:            s.Join,
		BootstrapExpect: s.BootstrapExpect,
		LogStore:        s.LogStore,
		KeyringFile:     s.KeyringFile,
		TLS: server.TLS{
			CAFile:   s.TLS.CAFile,
			CertFile: s.TLS.CertFile,
			KeyFile:  s.TLS.KeyFile,
		},
		Insecure:          s.Insecure,
		Lease:             s.Lease,
		ReleaseCache:      s.ReleaseCache,
		AccountID:         s.AccountID,
		Region:            s.Region,
		AccountVCPU:       s.AccountVCPUQuota,
		NodeApproval:      s.NodeApproval,
		PendingTimeout:    s.PendingTimeout,
		RetryBackoff:      s.RetryBackoff,
		RetryBackoffMax:   s.RetryBackoffMax,
		AnySignature:      s.HTTPAnySignature,
		HTTPURL:           s.HTTPURL,
		ObjectStore:       s.ObjectStore,
		LogStorage:        s.LogStorage,
		SharedDirectories: s.SharedDirectories,
		LogRetention:      s.LogRetention,
		HistoryAfter:      s.HistoryAfter,
		HistoryRetention:  s.HistoryRetention,
		LogLimit:          int64(s.LogLimit) << 20,
		APIRates:          s.APIRates,
	}
}
