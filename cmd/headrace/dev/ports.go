package dev

import (
	"net"

	"github.com/headrace/headrace/internal/errs"
)

// checkPorts returns an error that names the first port that somebody else uses.
func (c Config) checkPorts() error {
	for server := range servers {
		for port := range portsPerBlock {
			address := c.address(server, port)
			if err := free(address, port == portsPerBlock-1); err != nil {
				_, number, _ := net.SplitHostPort(address)
				return errs.New(
					errs.Unavailable,
					"cannot listen on %s: %w. Another headrace dev may run; "+
						"ss -ltnp 'sport = :%s' shows which process uses the port, and --base-port chooses others",
					address,
					err,
					number,
				)
			}
		}
	}
	return nil
}

// free returns an error if an address is used, for TCP or, if wanted, UDP.
func free(address string, udp bool) error {
	tcp, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = tcp.Close() }()
	if !udp {
		return nil
	}
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	return packets.Close()
}

// FreeBase returns the first base port, from a first one in steps of a thousand, whose ports are all free; the first
// one if none is.
func FreeBase(first int) int {
	for base := first; base < 1<<16-1000; base += 1000 {
		if (Config{BasePort: base}).checkPorts() == nil {
			return base
		}
	}
	return first
}
