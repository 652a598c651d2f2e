package server

import (
	"context"
	"path/filepath"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/storage"
	"github.com/headrace/headrace/server/control/peers"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// jobLogs is where the logs of job runs are besides their nodes.
type jobLogs struct {
	replicas *logs.Replicas // managed logs on the servers' disks; nil: they are elsewhere
	storage  *storage.Client
	shared   []string // directories that file:// URIs of users reach
	managed  string   // URI of managed logs that are elsewhere
}

// openJobLogs opens the managed logs on this server's disk, unless they are elsewhere.
func (s *Server) openJobLogs() error {
	s.jobLogs = jobLogs{
		storage: storage.New(s.cfg.ObjectStore),
		shared:  s.cfg.SharedDirectories,
		managed: s.cfg.LogStorage,
	}
	if s.cfg.LogStorage != "" {
		return nil
	}
	store, err := logs.Open(filepath.Join(s.cfg.DataDir, "job-logs"))
	if err != nil {
		return err
	}
	s.jobLogs.replicas = &logs.Replicas{Local: store, Peers: s.members.peers}
	return nil
}

// close ends the use of this server's disk.
func (l jobLogs) close() error {
	if l.replicas == nil {
		return nil
	}
	return l.replicas.Local.Close()
}

// forDispatch is what agents store to and fetch from; nil: nothing is on the servers.
func (l jobLogs) forDispatch() dispatch.Logs {
	if l.replicas == nil {
		return nil
	}
	return l.replicas
}

// forPeers is what other servers read; nil: nothing is on the servers.
func (l jobLogs) forPeers() peers.LocalLogs {
	if l.replicas == nil {
		return nil
	}
	return l.replicas
}

// backend returns what reads logs at a destination.
func (l jobLogs) backend(uri string) logs.Backend {
	if uri == dispatch.OnServers {
		return l.replicas
	}
	access := storage.Access{Below: l.shared}
	if uri == l.managed {
		access = storage.OwnAccess(uri)
	}
	return &logs.Objects{Storage: l.storage.Files(access), Base: uri}
}

// sweepJobLogs bounds the managed logs on this server's disk until ctx ends.
func (s *Server) sweepJobLogs(ctx context.Context) {
	if s.jobLogs.replicas == nil {
		return
	}
	sweeper := &logs.Sweeper{
		Store:     s.jobLogs.replicas.Local,
		Retention: s.cfg.LogRetention,
		Limit:     s.cfg.LogLimit,
		Log:       s.cfg.Log,
		Panics:    s.panics,
	}
	sweeper.Run(ctx)
}

// sweepObjects bounds the managed logs that are elsewhere, while this server leads.
func (s *Server) sweepObjects(ctx context.Context, _ uint64) error {
	if s.jobLogs.managed != "" {
		objects := &logs.Objects{
			Storage: s.jobLogs.storage.Files(storage.OwnAccess(s.jobLogs.managed)),
			Base:    s.jobLogs.managed,
		}
		objects.SweepHourly(ctx, s.cfg.LogRetention, s.cfg.Log, s.panics)
	}
	return nil
}

// peers returns connections to all other servers that have not left.
func (m *members) peers() (all []grpc.ClientConnInterface) {
	for _, address := range m.Addresses() {
		if address == m.Address() {
			continue
		}
		if c, err := m.connection(address); err == nil {
			all = append(all, c)
		}
	}
	return all
}
