package firewall

import (
	"net"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
)

// Guard keeps workers from these addresses of servers, host:port, instead of those of an earlier call. A name of a host
// stands for all its addresses; one that is not known is left out, as workers do not know it either.
func (f *Firewall) Guard(addresses []string) error {
	found := resolve(addresses)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers = found
	if err := f.rules.guard(f.conn, found); err != nil {
		return err
	}
	return f.conn.Flush()
}

// servers are the elements of the sets that keep workers from servers.
type servers struct {
	v4, v6 []nftables.SetElement // addresses and ports
	ports  []nftables.SetElement // of those on this machine, which may listen at each of its addresses
}

// guard puts the servers into their sets.
func (r *rules) guard(conn *nftables.Conn, s servers) error {
	for set, elements := range map[*nftables.Set][]nftables.SetElement{r.v4: s.v4, r.v6: s.v6, r.ports: s.ports} {
		conn.FlushSet(set)
		if err := conn.SetAddElements(set, elements); err != nil {
			return err
		}
	}
	return nil
}

// resolve returns the elements of addresses.
func resolve(addresses []string) (found servers) {
	seen := map[netip.AddrPort]bool{}
	ports := map[uint16]bool{}
	own := ownAddresses()
	for _, address := range addresses {
		for _, one := range addressesOf(address) {
			if !seen[one] {
				found.add(one)
			}
			if port := one.Port(); own(one.Addr()) && !ports[port] {
				ports[port] = true
				found.ports = append(found.ports, nftables.SetElement{Key: binaryutil.BigEndian.PutUint16(port)})
			}
			seen[one] = true
		}
	}
	return found
}

func (s *servers) add(one netip.AddrPort) {
	// Fields of a set begin at multiples of four bytes.
	key := append(one.Addr().AsSlice(), append(binaryutil.BigEndian.PutUint16(one.Port()), 0, 0)...)
	if one.Addr().Is4() {
		s.v4 = append(s.v4, nftables.SetElement{Key: key})
	} else {
		s.v6 = append(s.v6, nftables.SetElement{Key: key})
	}
}

// ownAddresses returns what says whether an address is one of this machine.
func ownAddresses() func(netip.Addr) bool {
	own := map[netip.Addr]bool{}
	prefixes, _ := net.InterfaceAddrs() // without them, those of loopback are left
	for _, prefix := range prefixes {
		if parsed, err := netip.ParsePrefix(prefix.String()); err == nil {
			own[parsed.Addr().Unmap().WithZone("")] = true
		}
	}
	return func(a netip.Addr) bool { return a.IsLoopback() || a.IsUnspecified() || own[a] }
}

// literal returns the addresses that name no host, which takes no time to look up.
func literal(addresses []string) (all []string) {
	for _, address := range addresses {
		if _, err := netip.ParseAddrPort(address); err == nil {
			all = append(all, address)
		}
	}
	return all
}

// addressesOf returns the addresses of host:port.
func addressesOf(address string) (all []netip.AddrPort) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	port, err := net.LookupPort("tcp", text)
	if err != nil {
		return nil
	}
	ips, err := net.LookupHost(host)
	if err != nil {
		return nil
	}
	for _, ip := range ips {
		if addr, err := netip.ParseAddr(ip); err == nil {
			all = append(all, netip.AddrPortFrom(addr.Unmap().WithZone(""), uint16(port)))
		}
	}
	return all
}
