package servers

import (
	"context"

	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Addresses returns the servers that a leader named, else those of the configuration.
func (s *Servers) Addresses() []string {
	ask, known := s.All()
	if len(known) > 0 {
		return known
	}
	return ask
}

// Store keeps a part of a log on a server.
func (s *Servers) Store(ctx context.Context, server, path string, offset int64, data []byte) (int64, error) {
	client, err := s.Client(server)
	if err != nil {
		return 0, err
	}
	answer, err := client.StoreLog(ctx, &agentv1.StoreLogRequest{Path: path, Offset: offset, Data: data})
	return answer.GetSize(), grpcerr.FromStatus(err)
}

// Client calls a server over a connection that is kept until Close.
func (s *Servers) Client(server string) (agentv1.AgentServiceClient, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, ok := s.kept[server]
	if !ok {
		var err error
		if conn, err = s.Dial(server); err != nil {
			return nil, err
		}
		s.kept[server] = conn
	}
	return agentv1.NewAgentServiceClient(conn), nil
}

// Close closes all connections that are kept. Nobody stores logs any more.
func (s *Servers) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.kept {
		_ = conn.Close()
	}
	clear(s.kept)
}
