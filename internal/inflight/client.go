package inflight

import (
	"net"
	"net/netip"
)

// Address returns what tells a client from others: the host of a remote address as package net writes it. Of an IPv6
// address it is the network, because one client has many addresses there.
func Address(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	address = address.Unmap().WithZone("")
	if address.Is6() && !address.IsLoopback() {
		network, _ := address.Prefix(64) // which every IPv6 address has
		return network.String()
	}
	return address.String()
}
