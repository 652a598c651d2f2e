package agent

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// maxHistories is how many histories a node shows at once.
	maxHistories = 2
	// historyIdle is how long a history stays that nobody looks at.
	historyIdle = 5 * time.Minute
	// historyUnwaited is how long a history goes on to begin that nobody waits for: people's pages ask again every few seconds.
	historyUnwaited = 30 * time.Second
	// historyTick is how often a history is looked after.
	historyTick = 10 * time.Second
)

// histories shows the event logs of attempts that are over: each by a process of its own, which begins when somebody wants to look
// and ends when nobody has for a while. They are no workers: they have no slot, and the node's capacity does not count them.
type histories struct {
	agent *Agent
	ctx   context.Context // of all; set before the first one
	wg    sync.WaitGroup

	mu   sync.Mutex
	held map[string]*history // by attempt
}

// history is one that is shown.
type history struct {
	shown  *agentv1.History
	engine UserInterfaces
	cancel context.CancelFunc

	settled chan struct{} // closed when the next three are known
	id      string        // of the process
	port    int           // of loopback
	err     error

	grant    string      // with which the servers let its event log be read: the newest
	looking  int         // connections
	unwaited *time.Timer // abandons it
	left     time.Time   // when the last one ended
}

func newHistories(a *Agent) *histories { return &histories{agent: a, held: map[string]*history{}} }

// open returns the process that shows the history of an attempt, and at which port of loopback, as soon as it does. Who is done with it
// calls leave.
func (h *histories) open(ctx context.Context, engine UserInterfaces, shown *agentv1.History) (id string, port int, leave func(), err error) {
	one, err := h.enter(engine, shown)
	if err != nil {
		return "", 0, nil, err
	}
	leave = func() { h.leave(one) }
	select {
	case <-one.settled:
		err = one.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		leave()
		return "", 0, nil, err
	}
	return one.id, one.port, leave, nil
}

// enter counts one more who looks at a history, and begins it if nobody does.
func (h *histories) enter(engine UserInterfaces, shown *agentv1.History) (*history, error) {
	key := fmt.Sprintf("%s/%d", shown.GetJobRunId(), shown.GetAttempt())
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.held[key]
	if one == nil {
		if len(h.held) >= maxHistories && !h.evict() {
			return nil, errs.New(errs.Overloaded, "cannot show one more history: people look at %d on this node, which is the limit; try again later", maxHistories)
		}
		ctx, cancel := context.WithCancel(h.ctx)
		one = &history{shown: shown, engine: engine, cancel: cancel, settled: make(chan struct{})}
		one.unwaited = time.AfterFunc(historyUnwaited, func() { h.abandon(key, one) })
		h.held[key] = one
		h.wg.Go(func() { defer cancel(); h.show(ctx, key, one) })
	}
	one.unwaited.Stop()
	one.looking++
	one.grant = shown.GetLogGrant()
	return one, nil
}

// leave counts one less who looks.
func (h *histories) leave(one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.looking--
	one.left = time.Now()
	if one.looking == 0 {
		one.unwaited.Reset(historyUnwaited)
	}
}

// abandon ends a history that has not begun to show anything when nobody waits for it any more.
func (h *histories) abandon(key string, one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-one.settled:
		return // see idle
	default:
	}
	if one.looking == 0 && h.held[key] == one {
		delete(h.held, key)
		one.cancel()
	}
}

// granted returns the newest grant of a history: one is shown for longer than a grant is good for, and who looks brings another.
func (h *histories) granted(one *history) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return one.grant
}

// evict ends the history that nobody has looked at for the longest time. The caller has the lock.
func (h *histories) evict() bool {
	oldest := ""
	for key, one := range h.held {
		if one.looking == 0 && (oldest == "" || one.left.Before(h.held[oldest].left)) {
			oldest = key
		}
	}
	if oldest == "" {
		return false
	}
	h.held[oldest].cancel()
	delete(h.held, oldest)
	return true
}

// show shows a history until nobody looks any more, its process ends, or the agent does.
func (h *histories) show(ctx context.Context, key string, one *history) {
	log := h.agent.config.Logger.With("run", one.shown.GetJobRunId(), "attempt", one.shown.GetAttempt())
	process := &historyProcess{agent: h.agent, shown: one.shown, engine: one.engine, grant: func() string { return h.granted(one) }}
	err := process.begin(ctx)
	one.id, one.port, one.err = process.id, process.port, unshown(err)
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
func (h *histories) idle(key string, one *history) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one.looking > 0 || time.Since(one.left) < historyIdle {
		return false
	}
	if h.held[key] == one {
		delete(h.held, key)
	}
	return true
}

// forget has the next one who looks begin anew.
func (h *histories) forget(key string, one *history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held[key] == one {
		delete(h.held, key)
	}
}
