package server

import (
	"math"
	"net"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/places"
)

// The connections that a listener has at once. Of one address there are at most a half: agents of many nodes, or a proxy, may be
// behind one, and others get in all the same.
const (
	httpConns = 4096
	grpcConns = 20_000 // an agent has one for its session, and one for each log and page that is read
)

// gate bounds a listener's connections.
func (s *Server) gate(inner net.Listener, kind string, most int) net.Listener {
	told := rate.NewLimiter(rate.Every(10*time.Second), 1)
	return places.Listen(inner, places.New(most, most/2), func(address string) {
		if told.Allow() {
			s.cfg.Log.Warn("connections are closed at once: there are too many", "listener", kind, "last_from", address, "most", most, "most_of_an_address", most/2)
		}
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
