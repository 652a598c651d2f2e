package places

import (
	"net"
	"net/netip"
)

// Address tells clients apart by where they come from, which is an address as net writes it. Of IPv6, where one client has many, the
// network counts.
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
