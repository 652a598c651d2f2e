package gossip

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"
)

// settings translates for the library.
func (g *Gossip) settings() (*memberlist.Config, error) {
	s := memberlist.DefaultLANConfig()
	s.Name = g.config.Self.ServerID
	s.Label = g.config.Label
	s.SecretKey = g.config.SecretKey
	s.TCPTimeout = dialTimeout
	s.DeadNodeReclaimTime = time.Second // a server that comes back may have another address
	s.Delegate = (*delegate)(g)
	s.Events = (*events)(g)
	s.Ping = (*pings)(g)
	s.Logger = slog.NewLogLogger(g.log.Handler(), slog.LevelDebug)
	var err error
	if s.BindAddr, s.BindPort, err = split(g.config.Bind); err != nil {
		return nil, err
	}
	s.AdvertisePort = s.BindPort
	if g.config.Advertise != "" {
		s.AdvertiseAddr, s.AdvertisePort, err = split(g.config.Advertise)
	}
	return s, err
}

func split(address string) (string, int, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("cannot read the gossip address %q: %w", address, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", 0, fmt.Errorf("cannot read the port of the gossip address %q: %w", address, err)
	}
	return host, number, nil
}
