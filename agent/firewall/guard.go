package firewall

import (
	"net"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
)

// Guard keeps workers from these addresses of servers, host:port, instead of those of an earlier call. A name of a host stands for all
// its addresses; one that is not known is left out, as workers do not know it either.
func (f *Firewall) Guard(addresses []string) error {
	v4, v6 := resolve(addresses)
	f.mu.Lock()
	defer f.mu.Unlock()
	for set, elements := range map[*nftables.Set][]nftables.SetElement{f.rules.v4: v4, f.rules.v6: v6} {
		f.conn.FlushSet(set)
		if err := f.conn.SetAddElements(set, elements); err != nil {
			return err
		}
	}
	return f.conn.Flush()
}

// resolve returns the elements of both sets.
func resolve(addresses []string) (v4, v6 []nftables.SetElement) {
	seen := map[netip.AddrPort]bool{}
	for _, address := range addresses {
		for _, one := range addressesOf(address) {
			if seen[one] {
				continue
			}
			seen[one] = true
			// Fields of a set begin at multiples of four bytes.
			key := append(one.Addr().AsSlice(), append(binaryutil.BigEndian.PutUint16(one.Port()), 0, 0)...)
			if one.Addr().Is4() {
				v4 = append(v4, nftables.SetElement{Key: key})
			} else {
				v6 = append(v6, nftables.SetElement{Key: key})
			}
		}
	}
	return v4, v6
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
