package firewall

import (
	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// The registers that a rule uses: one of 16 bytes, and its four words.
const (
	whole = 1
	word0 = 8
	word1 = 9
	word2 = 10
	word4 = 12 // the first one of the next register
)

// loopback is the index of the machine's own interface, always.
const loopback = 1

func join(parts ...[]expr.Any) (all []expr.Any) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// fromWorker matches packets that this agent's workers send. Users are compared as numbers, so with their highest byte
// first.
func (f *Firewall) fromWorker() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeySKUID, Register: whole},
		&expr.Byteorder{
			SourceRegister: whole,
			DestRegister:   whole,
			Op:             expr.ByteorderHton,
			Len:            4,
			Size:           4,
		},
		&expr.Range{
			Op:       expr.CmpOpEq,
			Register: whole,
			FromData: binaryutil.BigEndian.PutUint32(f.config.First),
			ToData:   binaryutil.BigEndian.PutUint32(f.config.Last),
		},
	}
}

// addresses says where packets of a family have the address that they go to.
type addresses struct {
	family byte
	offset uint32 // in the header, in bytes
	length uint32
	behind uint32 // the register that follows one with an address
}

var (
	addressV4 = addresses{
		family: unix.NFPROTO_IPV4,
		offset: 16,
		length: 4,
		behind: word1,
	}
	addressV6 = addresses{
		family: unix.NFPROTO_IPV6,
		offset: 24,
		length: 16,
		behind: word4,
	}
)

// toServer matches packets to a server's address and port.
func toServer(at addresses, servers *nftables.Set, protocol byte) []expr.Any {
	ofFamily := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: whole},
		&expr.Cmp{Op: expr.CmpOpEq, Register: whole, Data: []byte{at.family}},
	}
	address := &expr.Payload{
		DestRegister: word0,
		Base:         expr.PayloadBaseNetworkHeader,
		Offset:       at.offset,
		Len:          at.length,
	}
	known := &expr.Lookup{SourceRegister: word0, SetName: servers.Name, SetID: servers.ID}
	return join(ofFamily, of(protocol), []expr.Any{address, port(at.behind), known})
}

// toPort matches packets to a port, at whatever address.
func toPort(ports *nftables.Set, protocol byte) []expr.Any {
	known := &expr.Lookup{SourceRegister: whole, SetName: ports.Name, SetID: ports.ID}
	return join(of(protocol), []expr.Any{port(whole), known})
}

// port reads the port that a packet goes to.
func port(register uint32) *expr.Payload {
	return &expr.Payload{
		DestRegister: register,
		Base:         expr.PayloadBaseTransportHeader,
		Offset:       2,
		Len:          2,
	}
}

// onLoopback matches packets that stay on this machine.
func onLoopback(key expr.MetaKey) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: key, Register: whole},
		&expr.Cmp{Op: expr.CmpOpEq, Register: whole, Data: native(loopback)},
	}
}

// markOf marks a packet with its sender's group. If the sender's user has no group, the packet stays as it is.
func markOf(marks *nftables.Set) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeySKUID, Register: whole},
		&expr.Lookup{
			SourceRegister: whole,
			DestRegister:   whole,
			IsDestRegSet:   true,
			SetName:        marks.Name,
			SetID:          marks.ID,
		},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: whole},
	}
}

// marked matches packets of workers.
func marked() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyMARK, Register: whole},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: whole, Data: native(0)},
	}
}

// of matches packets of a protocol.
func of(protocol byte) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: whole},
		&expr.Cmp{Op: expr.CmpOpEq, Register: whole, Data: []byte{protocol}},
	}
}

// toWorker matches packets to a socket of one of this agent's workers, whether it listens or is connected.
func (f *Firewall) toWorker() []expr.Any {
	return []expr.Any{
		&expr.Socket{Key: expr.SocketKeyCgroupv2, Level: f.config.Level, Register: whole},
		&expr.Cmp{Op: expr.CmpOpEq, Register: whole, Data: binaryutil.NativeEndian.PutUint64(f.config.CgroupID)},
	}
}

// notMember matches packets whose receiver is not in the group that they are marked with.
func (f *Firewall) notMember(members *nftables.Set) []expr.Any {
	return []expr.Any{
		&expr.Socket{Key: expr.SocketKeyCgroupv2, Level: f.config.Level + 1, Register: word0},
		&expr.Meta{Key: expr.MetaKeyMARK, Register: word2},
		&expr.Lookup{
			SourceRegister: word0,
			SetName:        members.Name,
			SetID:          members.ID,
			Invert:         true,
		},
	}
}

// refuse ends a connection, or says that nobody listens.
func refuse(protocol byte) []expr.Any {
	if protocol == unix.IPPROTO_TCP {
		return []expr.Any{&expr.Reject{Type: unix.NFT_REJECT_TCP_RST}}
	}
	return []expr.Any{&expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_PORT_UNREACH}}
}
