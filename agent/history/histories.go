package history

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/tasks"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// maxShown is how many histories a node shows at once.
	maxShown = 2
	// idleAfter is how long a history stays that nobody looks at.
	idleAfter = 5 * time.Minute
	// unwaitedAfter is how long a history goes on to begin that nobody waits for: people's pages ask again every few
	// seconds.
	unwaitedAfter = 30 * time.Second
	// tickEvery is how often a history is looked after.
	tickEvery = 10 * time.Second
)

// Config is what histories need.
type Config struct {
	Runtime Runtime
	// Servers have event logs that are kept on servers.
	Servers Servers
	// ObjectStore is how the others are reached, and Access says how far a file:// place reaches that a user named.
	ObjectStore storage.Config
	Access      func(*guest.User) storage.Access
	Logger      *slog.Logger
}

// Histories are those that are shown. Its methods may be called by many goroutines.
type Histories struct {
	config Config
	tasks  tasks.Group

	mu   sync.Mutex
	held map[string]*history // by attempt
}

// history is one that is shown.
type history struct {
	shown  *agentv1.History
	engine engine.UserInterfaces
	wanted context.Context // ends when nobody wants it any more
	unwant context.CancelFunc

	settled chan struct{} // closed when the next three are known
	id      string        // of the process
	port    int           // of loopback
	err     error

	note     string      // what is not shown of its event log
	grant    string      // with which the servers let its event log be read: the newest
	looking  int         // connections
	unwaited *time.Timer // abandons it
	left     time.Time   // when the last one ended
}

func newHistory(by engine.UserInterfaces, shown *agentv1.History) *history {
	wanted, unwant := context.WithCancel(context.Background())
	return &history{
		shown:   shown,
		engine:  by,
		wanted:  wanted,
		unwant:  unwant,
		settled: make(chan struct{}),
	}
}

// New returns no histories.
func New(config Config) *Histories { return &Histories{config: config, held: map[string]*history{}} }

// Run shows histories until the context ends, and ends all of them then.
func (h *Histories) Run(ctx context.Context) error { return h.tasks.Run(ctx) }

// Opened is a history that is shown.
type Opened struct {
	// ID is the process's that shows it.
	ID string
	// Port is where, on loopback.
	Port int
	// Note says what is not shown; empty: nothing.
	Note string
	// Leave is called by who is done with it.
	Leave func()
}

// Open returns the history of an attempt, as soon as it is shown.
func (h *Histories) Open(
	ctx context.Context, by engine.UserInterfaces, shown *agentv1.History,
) (opened Opened, err error) {
	one, err := h.enter(by, shown)
	if err != nil {
		return Opened{}, err
	}
	select {
	case <-one.settled:
		err = one.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		h.leave(one)
		return Opened{}, err
	}
	return Opened{
		ID:    one.id,
		Port:  one.port,
		Note:  h.noteOf(one),
		Leave: func() { h.leave(one) },
	}, nil
}

// enter counts one more who looks at a history, and begins it if nobody does.
func (h *Histories) enter(by engine.UserInterfaces, shown *agentv1.History) (*history, error) {
	key := fmt.Sprintf("%s/%d", shown.GetJobRunId(), shown.GetAttempt())
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.held[key]
	if one == nil {
		if len(h.held) >= maxShown && !h.evict() {
			return nil, errs.New(errs.Overloaded, "cannot show one more history: "+
				"people look at %d on this node, which is the limit; try again later", maxShown)
		}
		one = newHistory(by, shown)
		one.unwaited = time.AfterFunc(unwaitedAfter, func() { h.abandon(key, one) })
		h.held[key] = one
		h.tasks.Go(func(ctx context.Context) { h.show(ctx, key, one) })
	}
	one.unwaited.Stop()
	one.looking++
	one.grant = shown.GetLogGrant()
	return one, nil
}

// leave counts one less who looks.
func (h *Histories) leave(one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.looking--
	one.left = time.Now()
	if one.looking == 0 {
		one.unwaited.Reset(unwaitedAfter)
	}
}

// abandon ends a history that has not begun to show anything when nobody waits for it any more.
func (h *Histories) abandon(key string, one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-one.settled:
		return // see idle
	default:
	}
	if one.looking == 0 && h.held[key] == one {
		delete(h.held, key)
		one.unwant()
	}
}

// granted returns the newest grant of a history: one is shown for longer than a grant is good for, and who looks brings
// another.
func (h *Histories) granted(one *history) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return one.grant
}

// note keeps what is not shown of a history.
func (h *Histories) note(one *history, note string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.note = note
}

// noteOf returns what is not shown of a history.
func (h *Histories) noteOf(one *history) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return one.note
}

// evict ends the history that nobody has looked at for the longest time. The caller has the lock.
func (h *Histories) evict() bool {
	oldest := ""
	for key, one := range h.held {
		if one.looking == 0 && (oldest == "" || one.left.Before(h.held[oldest].left)) {
			oldest = key
		}
	}
	if oldest == "" {
		return false
	}
	h.held[oldest].unwant()
	delete(h.held, oldest)
	return true
}

// show shows a history until nobody looks any more, its process ends, or the agent does.
func (h *Histories) show(ctx context.Context, key string, one *history) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(one.wanted, cancel)()
	defer one.unwant()
	log := h.config.Logger.With("run", one.shown.GetJobRunId(), "attempt", one.shown.GetAttempt())
	process := &process{
		config: h.config,
		shown:  one.shown,
		engine: one.engine,
		grant:  func() string { return h.granted(one) },
		note:   func(note string) { h.note(one, note) },
	}
	err := process.begin(ctx)
	one.id, one.port = process.id, process.port
	one.err = unshown(err)
	close(one.settled)
	one.unwaited.Stop()
	if err == nil {
		log.Info("shows the history of an attempt", "port", process.port)
		err = process.stay(ctx, func() bool { return h.idle(key, one) })
	}
	h.forget(key, one)
	if err := cmp.Or(err, process.end()); err != nil && ctx.Err() == nil {
		log.Warn("a history is not shown any more", "error", err)
	}
}

// unshown gives the reason for which a history cannot be shown a kind.
func unshown(err error) error {
	if err == nil || errs.KindOf(err) != errs.Internal {
		return err
	}
	return errs.New(errs.WrongState, "cannot show the history: %w", err)
}

// idle says whether nobody has looked for a while; if so, nobody will any more.
func (h *Histories) idle(key string, one *history) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one.looking > 0 || time.Since(one.left) < idleAfter {
		return false
	}
	if h.held[key] == one {
		delete(h.held, key)
	}
	return true
}

// forget has the next one who looks begin anew.
func (h *Histories) forget(key string, one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[key] == one {
		delete(h.held, key)
	}
}
