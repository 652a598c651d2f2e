package firewall

import (
	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// rules are the table and the sets that change.
type rules struct {
	table   *nftables.Table
	marks   *nftables.Set // user → mark of its group
	members *nftables.Set // control group and mark
	v4, v6  *nftables.Set // address and port of servers
	ports   *nftables.Set // of servers on this machine
}

// protocols are those that have ports.
var protocols = []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP}

// install replaces the table by one that has what the firewall knows, all at once.
func (f *Firewall) install() (*rules, error) {
	r := &rules{table: &nftables.Table{Name: f.Name(), Family: nftables.TableFamilyINet}}
	f.conn.AddTable(r.table) // so that there is one to delete
	f.conn.DelTable(r.table)
	f.conn.AddTable(r.table)
	if err := r.addSets(f.conn); err != nil {
		return nil, err
	}
	output := r.chain(f.conn, "output", nftables.ChainHookOutput)
	f.closeServers(r, output)
	if f.config.CgroupID != 0 {
		f.closePorts(r, output)
	}
	if err := f.fill(r); err != nil {
		return nil, err
	}
	return r, f.conn.Flush()
}

// fill puts what the firewall knows into the sets.
func (f *Firewall) fill(r *rules) error {
	if err := r.guard(f.conn, f.servers); err != nil {
		return err
	}
	for user, w := range f.users {
		if err := r.add(f.conn, user, w); err != nil {
			return err
		}
	}
	return nil
}

// closeServers adds the rules by which no worker reaches a server's ports.
func (f *Firewall) closeServers(r *rules, output *nftables.Chain) {
	stays := onLoopback(expr.MetaKeyOIF)
	for _, protocol := range protocols {
		f.rule(r, output, f.fromWorker(), toServer(addressV4, r.v4, protocol), refuse(protocol))
		f.rule(r, output, f.fromWorker(), toServer(addressV6, r.v6, protocol), refuse(protocol))
		f.rule(r, output, f.fromWorker(), stays, toPort(r.ports, protocol), refuse(protocol))
	}
}

// closePorts adds the rules by which ports are open to peers only.
func (f *Firewall) closePorts(r *rules, output *nftables.Chain) {
	f.rule(r, output, f.fromWorker(), onLoopback(expr.MetaKeyOIF), markOf(r.marks))
	input := r.chain(f.conn, "input", nftables.ChainHookInput)
	for _, protocol := range protocols {
		toAnother := join(of(protocol), f.toWorker(), f.notMember(r.members))
		f.rule(r, input, onLoopback(expr.MetaKeyIIF), marked(), toAnother, refuse(protocol))
	}
}

// addSets makes the sets, empty.
func (r *rules) addSets(conn *nftables.Conn) error {
	r.marks = &nftables.Set{
		Table:    r.table,
		Name:     "marks",
		IsMap:    true,
		KeyType:  nftables.TypeUID,
		DataType: nftables.TypeMark,
	}
	r.members = r.pairs("members", nftables.TypeCGroupV2, nftables.TypeMark)
	r.v4 = r.pairs("servers4", nftables.TypeIPAddr, nftables.TypeInetService)
	r.v6 = r.pairs("servers6", nftables.TypeIP6Addr, nftables.TypeInetService)
	r.ports = &nftables.Set{Table: r.table, Name: "ports", KeyType: nftables.TypeInetService}
	for _, set := range []*nftables.Set{r.marks, r.members, r.v4, r.v6, r.ports} {
		if err := conn.AddSet(set, nil); err != nil {
			return err
		}
	}
	return nil
}

// pairs returns a set of pairs.
func (r *rules) pairs(name string, first, second nftables.SetDatatype) *nftables.Set {
	return &nftables.Set{
		Table:         r.table,
		Name:          name,
		Concatenation: true,
		KeyType:       nftables.MustConcatSetType(first, second),
	}
}

func (r *rules) chain(conn *nftables.Conn, name string, hook *nftables.ChainHook) *nftables.Chain {
	accept := nftables.ChainPolicyAccept
	return conn.AddChain(&nftables.Chain{
		Name:     name,
		Table:    r.table,
		Type:     nftables.ChainTypeFilter,
		Hooknum:  hook,
		Priority: nftables.ChainPriorityFilter,
		Policy:   &accept,
	})
}

// rule adds a rule that does its last part with packets that all others match.
func (f *Firewall) rule(r *rules, chain *nftables.Chain, parts ...[]expr.Any) {
	f.conn.AddRule(&nftables.Rule{Table: r.table, Chain: chain, Exprs: join(parts...)})
}

// add gives a user its mark and makes its control group a member.
func (r *rules) add(conn *nftables.Conn, user uint32, w worker) error {
	if err := conn.SetAddElements(r.marks, marking(user, w)); err != nil {
		return err
	}
	return conn.SetAddElements(r.members, []nftables.SetElement{{Key: member(w)}})
}

// remove takes back what add gave.
func (r *rules) remove(conn *nftables.Conn, user uint32, w worker) error {
	if err := conn.SetDeleteElements(r.marks, marking(user, w)); err != nil {
		return err
	}
	return conn.SetDeleteElements(r.members, []nftables.SetElement{{Key: member(w)}})
}

func marking(user uint32, w worker) []nftables.SetElement {
	return []nftables.SetElement{{Key: native(user), Val: native(w.mark)}}
}

func member(w worker) []byte {
	return append(binaryutil.NativeEndian.PutUint64(w.cgroup), native(w.mark)...)
}

func native(n uint32) []byte { return binaryutil.NativeEndian.PutUint32(n) }
