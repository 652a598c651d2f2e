package consensus

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/errs"
)

// memberWait bounds how long a change of members waits for Raft to take it.
const memberWait = 5 * time.Second

// Server is a member of the Raft configuration.
type Server struct {
	ID      string // unique and the same for ever
	Address string // its Raft address
}

// Bootstrap starts a cluster of these servers. Every one of them may call it with the same list; on a server that has
// state it does nothing.
func (c *Consensus) Bootstrap(servers []Server) error {
	if err := c.Promise(); err != nil {
		return err
	}
	c.LetIn()
	var configuration raft.Configuration
	for _, s := range servers {
		configuration.Servers = append(configuration.Servers, raft.Server{
			ID:      raft.ServerID(s.ID),
			Address: raft.ServerAddress(s.Address),
		})
	}
	err := c.raft.BootstrapCluster(configuration).Error()
	if err != nil && !errors.Is(err, raft.ErrCantBootstrap) {
		return fmt.Errorf("cannot bootstrap a cluster of %d servers: %w", len(servers), err)
	}
	return nil
}

// Servers returns the newest configuration that this server knows.
func (c *Consensus) Servers() ([]Server, error) {
	future := c.raft.GetConfiguration()
	if err := future.Error(); err != nil {
		return nil, fmt.Errorf("cannot read the Raft configuration: %w", err)
	}
	var all []Server
	for _, s := range future.Configuration().Servers {
		all = append(all, Server{ID: string(s.ID), Address: string(s.Address)})
	}
	return all, nil
}

// AddServer makes a server a voter, or changes its address. Leader only.
func (c *Consensus) AddServer(s Server) error {
	if err := c.raft.AddVoter(raft.ServerID(s.ID), raft.ServerAddress(s.Address), 0, memberWait).Error(); err != nil {
		return fmt.Errorf("cannot add server %s at %s: %w", s.ID, s.Address, err)
	}
	return nil
}

// RemoveServer takes a server's vote. Leader only. Its error is errs.Unknown if this server lost leadership meanwhile.
func (c *Consensus) RemoveServer(id string) error {
	err := c.unlessSilent(func() error { return c.raft.RemoveServer(raft.ServerID(id), 0, memberWait).Error() })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, raft.ErrNotLeader):
		return errNotLeader()
	case errors.Is(err, raft.ErrLeadershipLost), c.silence.fell():
		return errs.New(errs.Unknown, "cannot say whether server %s was removed: %w", id, err)
	}
	return errs.New(errs.Unavailable, "cannot remove server %s: %w", id, err)
}

// Address returns this server's Raft address as the others reach it.
func (c *Consensus) Address() string { return string(c.transport.LocalAddr()) }
