package gossip

import (
	"log/slog"

	"github.com/headrace/headrace/internal/errs"
)

// maxText bounds each address, id and version, so that all of them fit into memberlist's 512 bytes together.
const maxText = 64

// Config says how a server gossips.
type Config struct {
	Bind      string   // host:port to listen on, UDP and TCP
	Advertise string   // host:port at which the others reach it; empty: what Bind resolved to
	Join      []string // host:port of other servers; those that are not there yet are tried again and again
	SecretKey []byte   // 32 bytes of Key; nil: in the clear
	Label     string   // the same in all servers of a cluster; others are ignored. At most 64 bytes
	Self      Member   // what it tells the others
	Log       *slog.Logger
}

// Validate returns an errs.Invalid error that names the field that is wrong.
func (c Config) Validate() error {
	for _, f := range []struct{ name, value string }{
		{"server_id", c.Self.ServerID},
		{"raft_address", c.Self.RaftAddress},
		{"grpc_address", c.Self.GRPCAddress},
		{"http_address", c.Self.HTTPAddress},
		{"version", c.Self.Version},
		{"gossip_label", c.Label},
	} {
		if len(f.value) > maxText {
			return errs.Field(f.name, "cannot have %d bytes: at most %d", len(f.value), maxText)
		}
	}
	if c.Self.ServerID == "" {
		return errs.Field("server_id", "cannot be empty")
	}
	if len(c.SecretKey) != 0 && len(c.SecretKey) != keyBytes {
		return errs.Field("gossip_key", "cannot have %d bytes: %d are needed", len(c.SecretKey), keyBytes)
	}
	return nil
}
