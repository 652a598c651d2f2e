package config

import "github.com/spf13/pflag"

// Bind adds the flags.
func (s *Server) Bind(flags *pflag.FlagSet) {
	s.bindMembership(flags)
	s.bindAddresses(flags)
	s.bindRuns(flags)
	s.bindLogs(flags)
	s.bindProcess(flags)
}

// bindMembership adds the flags by which servers find and know one another.
func (s *Server) bindMembership(flags *pflag.FlagSet) {
	flags.StringVar(&s.ServerID, "server-id", s.ServerID, "the server's name among the servers, the same for ever")
	flags.StringVar(&s.DataDir, "data-dir", s.DataDir, "directory of the log and its snapshots")
	flags.StringVar(&s.LogStore, "log-store", s.LogStore, "wal or bolt; cannot change once there is a log")
	flags.StringVar(&s.KeyringFile, "keyring-file", s.KeyringFile, "file with the key by which secrets are encrypted")
	flags.StringSliceVar(&s.Join, "join", s.Join, "gossip addresses of other servers")
	flags.IntVar(&s.BootstrapExpect, "bootstrap-expect", s.BootstrapExpect, "servers that a new cluster waits for")
	flags.DurationVar(&s.Lease, "lease", s.Lease, "how long an agent may keep workers without hearing from a leader")
}

// bindAddresses adds the flags of what it listens on, and of what others call it by.
func (s *Server) bindAddresses(flags *pflag.FlagSet) {
	flags.StringVar(&s.HTTPAddress, "http-address", s.HTTPAddress,
		"host:port of the HTTP API, user interfaces and /healthz")
	flags.StringVar(&s.GRPCAddress, "grpc-address", s.GRPCAddress, "host:port for agents and clients")
	flags.StringVar(&s.RaftAddress, "raft-address", s.RaftAddress, "host:port for the other servers' log")
	flags.StringVar(&s.GossipAddress, "gossip-address", s.GossipAddress, "host:port for the other servers' gossip")
	flags.StringVar(&s.AdvertiseHost, "advertise-host", s.AdvertiseHost, "host at which others reach this server")
	flags.StringVar(&s.HTTPURL, "http-url", s.HTTPURL, "address at which people reach --http-address, for links")
	flags.BoolVar(&s.HTTPAnySignature, "http-any-signature", s.HTTPAnySignature,
		"let everybody on this machine use the HTTP API, signed or not")
	flags.StringSliceVar(&s.APIRates, "api-rates", s.APIRates,
		"rates of the HTTP API: published, OPERATION=PER_SECOND/BURST; none: no limits")
}

// bindRuns adds the flags of what nodes and job runs may do.
func (s *Server) bindRuns(flags *pflag.FlagSet) {
	flags.StringVar(&s.AccountID, "account-id", s.AccountID, "account of the cluster's ARNs")
	flags.StringVar(&s.Region, "region", s.Region, "region of the cluster's ARNs")
	flags.Int64Var(&s.AccountVCPUQuota, "account-vcpu-quota", s.AccountVCPUQuota,
		"vCPU that all workers may hold together; 0: no quota")
	flags.StringVar(&s.NodeApproval, "node-approval", s.NodeApproval,
		"automatic, or manual: a node that joins is given nothing until an operator approves it")
	flags.DurationVar(&s.PendingTimeout, "pending-timeout", s.PendingTimeout, "how long a job run may wait for room")
	flags.DurationVar(&s.RetryBackoff, "retry-backoff", s.RetryBackoff,
		"how long a job run waits between its first two attempts; it doubles")
	flags.DurationVar(&s.RetryBackoffMax, "retry-backoff-max", s.RetryBackoffMax,
		"how long a job run waits between attempts at most")
	flags.StringVar(&s.ReleaseCache, "release-cache", s.ReleaseCache, "directory of releases' archives")
	flags.StringSliceVar(&s.SharedDirectories, "shared-directories", s.SharedDirectories,
		"directories below which file:// log URIs of users are read")
}

// bindLogs adds the flags of managed logs.
func (s *Server) bindLogs(flags *pflag.FlagSet) {
	flags.StringVar(&s.LogStorage, "log-storage", s.LogStorage,
		"where managed logs are kept, s3:// or file://; empty: on the servers")
	flags.DurationVar(&s.LogRetention, "log-retention", s.LogRetention, "how long managed logs are kept")
	flags.DurationVar(&s.HistoryAfter, "history-after", s.HistoryAfter,
		"how long a job run that is over stays in memory before it goes into the history")
	flags.DurationVar(&s.HistoryRetention, "history-retention", s.HistoryRetention,
		"how long the history is kept, from the end of a job run on")
	flags.Var(&s.LogLimit, "log-limit",
		"disk that managed logs may use on this server, such as 50GB; the oldest go first")
}
