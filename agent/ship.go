package agent

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// eventsFolder is where Spark's drivers write their event logs, in a worker's working directory; see agent/spark.
const eventsFolder = OwnFolder + "/events"

// logServers stores logs on servers, over connections that it keeps.
type logServers struct {
	agent *Agent
	mu    sync.Mutex
	conns map[string]connection
}

// newShipper returns what takes the logs of this node's workers.
func (a *Agent) newShipper() (*shipping.Shipper, error) {
	a.logs = &logServers{agent: a, conns: map[string]connection{}}
	return shipping.New(shipping.Config{
		Dir: filepath.Join(a.config.DataDir, "shipping"), Storage: storage.New(a.config.ObjectStore), Access: a.config.access, Servers: a.logs,
		Interval: a.config.ShipEvery, Logger: a.config.Logger,
	})
}

// Addresses returns the servers that a leader named, else those of the configuration.
func (s *logServers) Addresses() []string {
	ask, known := s.agent.servers.all()
	if len(known) > 0 {
		return known
	}
	return ask
}

// Store keeps a part of a log on a server.
func (s *logServers) Store(ctx context.Context, server, path string, offset int64, data []byte) (int64, error) {
	conn, err := s.connection(server)
	if err != nil {
		return 0, err
	}
	answer, err := agentv1.NewAgentServiceClient(conn).StoreLog(ctx, &agentv1.StoreLogRequest{Path: path, Offset: offset, Data: data})
	return answer.GetSize(), grpcerr.FromStatus(err)
}

func (s *logServers) connection(server string) (connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if conn, ok := s.conns[server]; ok {
		return conn, nil
	}
	conn, err := s.agent.dial(server)
	if err == nil {
		s.conns[server] = conn
	}
	return conn, err
}

// close ends all connections.
func (s *logServers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
}

// ship begins to take a worker's logs to where its assignment says. A worker runs also without.
func (f *fleet) ship(a *agentv1.AssignedWorker) {
	attempt := logpath.Attempt{Application: a.GetApplicationId(), Run: a.GetJobRunId(), Number: a.GetAttempt(), Apart: a.GetAttemptsApart()}
	shipment := shipping.Shipment{Worker: a.GetWorkerId(), Logs: f.runtime.LogsDir(a.GetWorkerId()), Folder: logFolder(a)}
	if home, err := f.runtime.Home(a.GetWorkerId()); err == nil { // one that was refused may have none
		shipment.User, shipment.Work = home.User, home.Path()
	}
	if a.GetSparkDriver() != nil && shipment.Work != "" {
		shipment.Events, shipment.EventFolder = eventsFolder, attempt.EventLogs()
	}
	for _, d := range a.GetLogDestinations() {
		shipment.Destinations = append(shipment.Destinations, shipping.Destination{
			URI: d.GetUri(), WorkerLogs: d.GetWorkerLogs(), EventLogs: d.GetEventLogs(), Managed: d.GetManaged(),
		})
	}
	if err := f.shipper.Add(shipment); err != nil {
		f.config.Logger.Error("cannot begin to take a worker's logs to where they are kept", "worker", a.GetWorkerId(), "error", err)
	}
}
