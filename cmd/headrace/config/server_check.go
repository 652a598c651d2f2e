package config

import (
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// Validate names the first setting that is wrong. What a server itself refuses is asked of its package.
func (s *Server) Validate() error {
	for _, check := range []func() error{
		s.validateMembership,
		s.validateLogs,
		s.validateProcess,
		s.validateAddresses,
		s.validateHistory,
		s.Config().Validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// minHistoryAfter is how long job runs stay in memory at least: those that leave sooner make a file each.
const minHistoryAfter = time.Minute

// validateHistory checks when job runs leave for the history.
func (s *Server) validateHistory() error {
	if s.HistoryAfter < minHistoryAfter {
		return errs.Field("history_after", "cannot be %s: at least %s", s.HistoryAfter, minHistoryAfter)
	}
	return nil
}

// validateMembership checks how the server knows the others.
func (s *Server) validateMembership() error {
	switch {
	case s.LogStore != "wal" && s.LogStore != "bolt":
		return errs.Field("log_store", "cannot be %q: wal or bolt", s.LogStore)
	case s.BootstrapExpect != 1 && len(s.Join) == 0:
		return errs.Field("join", "cannot find the other servers without the gossip address of one")
	case s.BootstrapExpect == 1 && len(s.Join) > 0:
		return errs.Field("bootstrap_expect", "cannot be 1 with join: it begins a cluster alone, whoever is there. "+
			"0 enters the cluster of the servers in join; 3 or 5 is how many begin one together")
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
