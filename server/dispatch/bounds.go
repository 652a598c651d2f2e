package dispatch

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Rates. If a session says more, it waits: nothing more is read of it meanwhile. If a certificate registers more often,
// it is refused.
const (
	comingsPerSecond = 2    // registrations of a certificate
	comingsAtOnce    = 20   //
	saysPerSecond    = 200  // messages of a session, whatever they are
	saysAtOnce       = 1000 //
	reportsPerSecond = 50   // reports of a session that go to the door
	reportsAtOnce    = 200  //
	holdsPerSecond   = 1    // changes of the releases that a node holds
	holdsAtOnce      = 10   //
	looksPerSecond   = 50   // of this server, for nodes and workers that it does not know yet
	looksAtOnce      = 200  //
)

// maxReport bounds a report, in bytes.
const maxReport = 3 << 20

// Counts in one report.
const (
	maxWorkerStatuses = 256
	maxSlotStatuses   = 256
)

// firstTime is how long a stream may stand before its first message.
const firstTime = 10 * time.Second

// firstOf receives the first message of a stream. The goroutine that waits for it ends with the stream, which the
// handler's return ends.
func firstOf[M any](stream interface{ Recv() (M, error) }) (M, error) {
	type got struct {
		message M
		err     error
	}
	arrived := make(chan got, 1)
	go func() {
		m, err := stream.Recv()
		arrived <- got{m, err}
	}()
	timer := time.NewTimer(firstTime)
	defer timer.Stop()
	select {
	case g := <-arrived:
		return g.message, g.err
	case <-timer.C:
		var none M
		return none, errs.New(errs.Invalid, "cannot wait longer than %s for a stream's first message", firstTime)
	}
}

// checkReport bounds a report. An honest agent keeps the bounds, so an agent that does not loses its session.
func checkReport(r *agentv1.Report) error {
	switch size := proto.Size(r); {
	case size > maxReport:
		return errs.New(errs.TooLarge, "cannot take a report of %d bytes: the most is %d", size, maxReport)
	case len(r.GetWorkers()) > maxWorkerStatuses || len(r.GetSlots()) > maxSlotStatuses:
		return errs.New(errs.TooLarge,
			"cannot take a report of %d workers and %d slots: the limits are %d and %d",
			len(r.GetWorkers()), len(r.GetSlots()), maxWorkerStatuses, maxSlotStatuses)
	}
	return checkReleases("releases.labels", r.GetReleases().GetLabels())
}

// checkRenew bounds what a renewal says of slots.
func checkRenew(r *agentv1.Renew) error {
	if n := len(r.GetWarmSlots()) + len(r.GetWarmingSlots()); n > resource.MaxSlots {
		return errs.New(errs.TooLarge, "cannot take a renewal that names %d slots: a node has at most %d", n,
			resource.MaxSlots)
	}
	return nil
}

// rates bounds how often each name does something.
type rates struct {
	perSecond rate.Limit
	atOnce    int

	mu   sync.Mutex
	each map[string]*rate.Limiter
}

// maxRates is how many names a rates remembers. If there are more, those that have done nothing for a while are
// forgotten.
const maxRates = 4096

func newRates(perSecond rate.Limit, atOnce int) *rates {
	return &rates{perSecond: perSecond, atOnce: atOnce, each: map[string]*rate.Limiter{}}
}

// allow says whether a name may do it now. If too many names do it at once, those that are not remembered may not.
func (r *rates) allow(who string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	limiter := r.each[who]
	if limiter == nil {
		if len(r.each) >= maxRates {
			r.forget(now)
		}
		if len(r.each) >= maxRates {
			return false
		}
		limiter = rate.NewLimiter(r.perSecond, r.atOnce)
		r.each[who] = limiter
	}
	return limiter.AllowN(now, 1)
}

// forget drops the names whose allowance is whole again.
func (r *rates) forget(now time.Time) {
	for who, limiter := range r.each {
		if limiter.TokensAt(now) >= float64(r.atOnce) {
			delete(r.each, who)
		}
	}
}
