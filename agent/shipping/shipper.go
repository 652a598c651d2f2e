package shipping

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/internal/storage"
)

const (
	// usualInterval is how often logs are taken: with the time that it takes, nothing older than five seconds is lost with
	// a node.
	usualInterval = 3 * time.Second
	// parallel is how many shipments are under way at once.
	parallel = 4
	// complainEvery is how often a shipment that fails is logged.
	complainEvery = time.Minute
)

// Config is what a Shipper needs.
type Config struct {
	// Dir keeps shipments and what they stage, on the disk of the logs.
	Dir string
	// Storage reaches s3://, and file:// by Access.
	Storage *storage.Client
	// Access says how far a file:// destination reaches that a user named, for workers of that user.
	Access func(*guest.User) storage.Access
	// Servers are where logs on servers' disks go.
	Servers Servers
	// Interval is how often logs are taken; 0: every three seconds.
	Interval time.Duration
	// PartBytes is how much of a stream one file holds, before gzip; 0: logpath.PartBytes.
	PartBytes int64
	// Logger gets what cannot be shipped; nil: the default logger.
	Logger *slog.Logger
}

// Shipper takes the logs of a node's workers. Its methods may be called by many goroutines.
type Shipper struct {
	config Config
	health *health
	wake   chan struct{}

	mu       sync.Mutex
	tasks    map[string]*task // by worker
	busy     map[string]bool
	ended    map[string]time.Time // noted while the task was busy
	complain map[string]time.Time // when a shipment was complained of last
}

// New returns a shipper that goes on with the shipments of an earlier one.
func New(config Config) (*Shipper, error) {
	config.Interval = cmp.Or(config.Interval, usualInterval)
	config.PartBytes = cmp.Or(config.PartBytes, logpath.PartBytes)
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	s := &Shipper{
		config: config, health: &health{failing: map[string]time.Time{}}, wake: make(chan struct{}, 1),
		tasks: map[string]*task{}, busy: map[string]bool{}, ended: map[string]time.Time{}, complain: map[string]time.Time{},
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the directory of shipments: %w", err)
	}
	entries, err := os.ReadDir(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read the directory of shipments: %w", err)
	}
	for _, entry := range entries {
		s.resume(entry.Name())
	}
	return s, nil
}

// resume takes up a shipment of an earlier agent. A shipment that cannot be read is removed: its worker's own files are
// still there.
func (s *Shipper) resume(worker string) {
	dir := filepath.Join(s.config.Dir, worker)
	var shipment Shipment
	err := read(filepath.Join(dir, shipmentFile), &shipment)
	if err == nil && shipment.Worker == worker {
		err = s.begin(shipment)
	}
	if err != nil || shipment.Worker != worker {
		s.config.Logger.Error("cannot go on with a shipment of logs", "worker", worker, "error", err)
		_ = os.RemoveAll(dir)
	}
}

// Add begins to take the logs of a worker, unless that has begun. Without destinations its files are only kept from
// filling the disk.
func (s *Shipper) Add(shipment Shipment) error {
	s.mu.Lock()
	known := s.tasks[shipment.Worker] != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	dir := filepath.Join(s.config.Dir, shipment.Worker)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, shipmentFile), shipment); err != nil {
		return err
	}
	return s.begin(shipment)
}

// begin opens a shipment.
func (s *Shipper) begin(shipment Shipment) error {
	t := &task{
		Shipment:   shipment,
		dir:        filepath.Join(s.config.Dir, shipment.Worker),
		maxWaiting: maxWaitingEvents,
	}
	for _, name := range []string{"stdout", "stderr"} {
		stream, err := openStream(t.dir, shipment, name, s.config.PartBytes)
		if err != nil {
			return err
		}
		t.streams = append(t.streams, stream)
	}
	for _, d := range shipment.to(func(d Destination) bool { return d.WorkerLogs }) {
		t.logs = append(t.logs, s.sink(shipment, d))
	}
	for _, d := range shipment.to(func(d Destination) bool { return d.EventLogs && shipment.Events != "" }) {
		t.events = append(t.events, s.sink(shipment, d))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks[shipment.Worker] = t
	return nil
}

func (s *Shipper) sink(shipment Shipment, d Destination) sink {
	if d.URI == OnServers {
		return &disks{servers: s.config.Servers, health: s.health, sizes: map[string]int64{}}
	}
	access := s.config.Access(shipment.User)
	if d.Managed {
		access = storage.OwnAccess(d.URI)
	}
	return &objects{client: s.config.Storage.Files(access), base: d.URI, sizes: map[string]int64{}}
}

// End says that a worker has ended: the rest of its logs is taken at once, and then the shipment ends.
func (s *Shipper) End(worker string) {
	s.mu.Lock()
	if t := s.tasks[worker]; t != nil && (s.busy[worker] || t.Ended.IsZero()) {
		s.ended[worker] = time.Now()
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// EndOthers ends the shipments of all workers but these: what an earlier agent took, of workers that are gone since.
func (s *Shipper) EndOthers(live map[string]bool) {
	s.mu.Lock()
	var gone []string
	for worker := range s.tasks {
		if !live[worker] {
			gone = append(gone, worker)
		}
	}
	s.mu.Unlock()
	for _, worker := range gone {
		s.End(worker)
	}
}

// Holds says whether a worker's files are still needed.
func (s *Shipper) Holds(worker string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tasks[worker] != nil
}

// Run ships until the context ends. What is not shipped then, the next shipper ships.
func (s *Shipper) Run(ctx context.Context) error {
	tick := time.NewTicker(s.config.Interval)
	defer tick.Stop()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, parallel)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
		for _, t := range s.idle() {
			running.Go(func() {
				select {
				case slots <- struct{}{}:
					s.ship(ctx, t)
					<-slots
				case <-ctx.Done():
					s.settle(t, false)
				}
			})
		}
	}
}

// idle returns the shipments that nobody works on, and marks them.
func (s *Shipper) idle() (idle []*task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for worker, t := range s.tasks {
		if s.busy[worker] {
			continue
		}
		if at, ended := s.ended[worker]; ended {
			delete(s.ended, worker)
			t.Ended = at
			if err := write(filepath.Join(t.dir, shipmentFile), t.Shipment); err != nil {
				s.config.Logger.Error("cannot note that a worker has ended", "worker", worker, "error", err)
			}
		}
		s.busy[worker] = true
		idle = append(idle, t)
	}
	slices.SortFunc(idle, func(a, b *task) int { return cmp.Compare(a.Worker, b.Worker) })
	return idle
}

// ship works on one shipment.
func (s *Shipper) ship(ctx context.Context, t *task) {
	done, err := t.ship(ctx)
	if err != nil && ctx.Err() == nil {
		s.tell(t, err, done)
	}
	s.settle(t, done)
}

// settle ends the work on a shipment; one that is done is forgotten.
func (s *Shipper) settle(t *task, done bool) {
	if done {
		if err := os.RemoveAll(t.dir); err != nil {
			s.config.Logger.Error("cannot remove a shipment that is done", "worker", t.Worker, "error", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, t.Worker)
	if done {
		delete(s.tasks, t.Worker)
		delete(s.ended, t.Worker)
		delete(s.complain, t.Worker)
	}
}

// tell logs what cannot be shipped, now and then, and when the shipment is done.
func (s *Shipper) tell(t *task, err error, done bool) {
	s.mu.Lock()
	again := done || time.Since(s.complain[t.Worker]) >= complainEvery
	if again {
		s.complain[t.Worker] = time.Now()
	}
	s.mu.Unlock()
	switch {
	case errors.Is(err, errGivenUp):
		s.config.Logger.Error("cannot take a worker's logs to where they are kept", "worker", t.Worker, "error", err)
	case done:
		s.config.Logger.Warn("a worker's logs are not whole where they are kept", "worker", t.Worker, "error", err)
	case again && !errors.Is(err, context.Canceled):
		t.lossTold = t.lost
		s.config.Logger.Warn("cannot take a worker's logs to where they are kept: trying again",
			"worker", t.Worker, "error", err)
	}
}
