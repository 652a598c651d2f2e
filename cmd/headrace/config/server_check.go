package config

import (
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// Validate names the first setting that is wrong.
func (s *Server) Validate() error {
	for _, check := range []func() error{
		s.validateMembership,
		s.validateRuns,
		s.validateLogs,
		s.validateProcess,
		s.validateAddresses,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateMembership checks how the server knows the others.
func (s *Server) validateMembership() error {
	switch {
	case s.ServerID == "":
		return errs.Field("server_id", "cannot run a server without a name")
	case s.DataDir == "":
		return errs.Field("data_dir", "cannot run a server without a data directory")
	case s.LogStore != "wal" && s.LogStore != "bolt":
		return errs.Field("log_store", "cannot be %q: wal or bolt", s.LogStore)
	case s.KeyringFile == "":
		return errs.Field("keyring_file",
			"cannot run a server without the cluster's keyring: "+
				"headrace keyring create FILE makes one, the same for all servers")
	case s.BootstrapExpect < 0 || s.BootstrapExpect > 9:
		return errs.Field("bootstrap_expect", "cannot be %d: 0, which only joins a cluster, to 9; best 3",
			s.BootstrapExpect)
	case s.BootstrapExpect != 1 && len(s.Join) == 0:
		return errs.Field("join", "cannot find the other servers without the gossip address of one")
	case s.Lease < time.Second || s.Lease > 10*time.Minute:
		return errs.Field("lease", "cannot be %s: 1s to 10m", s.Lease)
	}
	return nil
}

// validateRuns checks what nodes and job runs may do.
func (s *Server) validateRuns() error {
	switch {
	case s.AccountVCPUQuota < 0:
		return errs.Field("account_vcpu_quota", "cannot be %d: 0, which is no quota, or a number of vCPU",
			s.AccountVCPUQuota)
	case s.NodeApproval != "automatic" && s.NodeApproval != "manual":
		return errs.Field("node_approval", "cannot be %q: automatic or manual", s.NodeApproval)
	case s.PendingTimeout < time.Second || s.PendingTimeout > 7*24*time.Hour:
		return errs.Field("pending_timeout", "cannot be %s: 1s to 168h", s.PendingTimeout)
	case s.RetryBackoff < time.Millisecond || s.RetryBackoff > s.RetryBackoffMost || s.RetryBackoffMost > time.Hour:
		return errs.Field("retry_backoff", "cannot be %s: 1ms to retry_backoff_most, which is %s and at most 1h",
			s.RetryBackoff, s.RetryBackoffMost)
	}
	return nil
}

// validateLogs checks managed logs.
func (s *Server) validateLogs() error {
	switch {
	case s.LogRetention < time.Minute || s.LogRetention > 10*365*24*time.Hour:
		return errs.Field("log_retention", "cannot be %s: 1m to 87600h", s.LogRetention)
	case s.LogLimit < 64:
		return errs.Field("log_limit", "cannot be %d MiB: at least 64MB", s.LogLimit)
	}
	return nil
}

// validateAddresses checks what the server listens on, and where it finds the others.
func (s *Server) validateAddresses() error {
	if s.HTTPAnySignature && !loopback(s.HTTPAddress) {
		return errs.Field("http_any_signature",
			"cannot be set with http_address %s: everybody who reaches it could use the API", s.HTTPAddress)
	}
	for _, listen := range []struct{ field, address string }{
		{"http_address", s.HTTPAddress},
		{"grpc_address", s.GRPCAddress},
		{"raft_address", s.RaftAddress},
		{"gossip_address", s.GossipAddress},
	} {
		if err := checkAddress(listen.field, listen.address); err != nil {
			return err
		}
		if err := s.checkPlain(listen.field, listen.address); err != nil {
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
