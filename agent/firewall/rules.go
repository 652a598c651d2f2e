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
	for _, servers := range []*nftables.Set{r.v4, r.v6} {
		for _, protocol := range []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP} {
			f.rule(r, output, join(f.fromWorker(), toServer(servers, protocol), refuse(protocol)))
		}
	}
	for _, protocol := range []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP} {
		f.rule(r, output, join(f.fromWorker(), onLoopback(expr.MetaKeyOIF), toPort(r.ports, protocol), refuse(protocol)))
	}
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

// closePorts adds the rules by which ports are open to peers only.
func (f *Firewall) closePorts(r *rules, output *nftables.Chain) {
	f.rule(r, output, join(f.fromWorker(), onLoopback(expr.MetaKeyOIF), markOf(r.marks)))
	input := r.chain(f.conn, "input", nftables.ChainHookInput)
	for _, protocol := range []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP} {
		f.rule(r, input, join(onLoopback(expr.MetaKeyIIF), marked(), of(protocol), f.toWorker(), f.notMember(r.members), refuse(protocol)))
	}
}

// addSets makes the sets, empty.
func (r *rules) addSets(conn *nftables.Conn) error {
	r.marks = &nftables.Set{Table: r.table, Name: "marks", IsMap: true, KeyType: nftables.TypeUID, DataType: nftables.TypeMark}
	r.members = &nftables.Set{Table: r.table, Name: "members", Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeCGroupV2, nftables.TypeMark)}
	r.v4 = &nftables.Set{Table: r.table, Name: "servers4", Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeIPAddr, nftables.TypeInetService)}
	r.v6 = &nftables.Set{Table: r.table, Name: "servers6", Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeIP6Addr, nftables.TypeInetService)}
	r.ports = &nftables.Set{Table: r.table, Name: "ports", KeyType: nftables.TypeInetService}
	for _, set := range []*nftables.Set{r.marks, r.members, r.v4, r.v6, r.ports} {
		if err := conn.AddSet(set, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *rules) chain(conn *nftables.Conn, name string, hook *nftables.ChainHook) *nftables.Chain {
	accept := nftables.ChainPolicyAccept
	return conn.AddChain(&nftables.Chain{Name: name, Table: r.table, Type: nftables.ChainTypeFilter, Hooknum: hook,
		Priority: nftables.ChainPriorityFilter, Policy: &accept})
}

func (f *Firewall) rule(r *rules, chain *nftables.Chain, exprs []expr.Any) {
	f.conn.AddRule(&nftables.Rule{Table: r.table, Chain: chain, Exprs: exprs})
}

// add gives a user its mark and makes its control group a member.
func (r *rules) add(conn *nftables.Conn, user uint32, w worker) error {
	if err := conn.SetAddElements(r.marks, []nftables.SetElement{{Key: native(user), Val: native(w.mark)}}); err != nil {
		return err
	}
	return conn.SetAddElements(r.members, []nftables.SetElement{{Key: member(w)}})
}

// remove takes back what add gave.
func (r *rules) remove(conn *nftables.Conn, user uint32, w worker) error {
	if err := conn.SetDeleteElements(r.marks, []nftables.SetElement{{Key: native(user), Val: native(w.mark)}}); err != nil {
		return err
	}
	return conn.SetDeleteElements(r.members, []nftables.SetElement{{Key: member(w)}})
}

func member(w worker) []byte {
	return append(binaryutil.NativeEndian.PutUint64(w.cgroup), native(w.mark)...)
}

func native(n uint32) []byte { return binaryutil.NativeEndian.PutUint32(n) }
