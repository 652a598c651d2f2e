package server

import (
	"math"
	"net"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/inflight"
)

// How many connections a listener has at once. One address has at most half of them: agents of many nodes, or a proxy,
// may share an address, and others still get in.
const (
	httpConns = 4096
	grpcConns = 20_000 // an agent has one for its session, and one for each log and page that is read
)

// gate bounds a listener's connections.
func (s *Server) gate(inner net.Listener, kind string, limit int) net.Listener {
	told := rate.NewLimiter(rate.Every(10*time.Second), 1)
	return inflight.Listen(inner, inflight.New(limit, limit/2), func(address string) {
		if !told.Allow() {
			return
		}
		s.cfg.Log.Warn("connections are closed at once: there are too many",
			"listener", kind, "last_from", address, "limit", limit, "limit_of_an_address", limit/2)
	})
}

// openFiles is how many files this process may have open, or a usual number if it cannot be known.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 4096
	}
	return int(min(limit.Cur, math.MaxInt32))
}
