package firewall

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/google/nftables"

	"github.com/headrace/headrace/internal/errs"
)

// Config says whose packets the rules are about.
type Config struct {
	// First and Last are the users of workers.
	First, Last uint32
	// CgroupID is the id of the control group of version 2 that has those of this agent's workers, and nothing else; 0:
	// there is none, and ports stay open.
	CgroupID uint64
	// Level is how deep that group is; those of workers are one deeper.
	Level uint32
	// Servers are addresses of servers, as Guard takes them. Names of hosts are left out: Guard looks them up.
	Servers []string
}

// Firewall is the rules of one agent. Its methods may be called by many goroutines.
type Firewall struct {
	config Config

	mu      sync.Mutex
	conn    *nftables.Conn
	rules   *rules
	users   map[uint32]worker
	servers servers
}

// worker is one user: where its sockets are made, and the mark of those that reach each other.
type worker struct {
	cgroup uint64
	mark   uint32
}

// Open puts the rules into the kernel, in the place of those of an earlier agent with the same users.
func Open(config Config) (*Firewall, error) {
	conn, err := nftables.New(nftables.AsLasting())
	if err != nil {
		return nil, unavailable(err)
	}
	f := &Firewall{
		config:  config,
		conn:    conn,
		users:   map[uint32]worker{},
		servers: resolve(literal(config.Servers)),
	}
	f.rules, err = f.install()
	if err != nil {
		_ = conn.CloseLasting()
		return nil, unavailable(err)
	}
	return f, nil
}

func unavailable(err error) error {
	return errs.New(errs.Unavailable,
		"cannot keep workers from each other's ports and from those of servers: nftables cannot be used: %w", err)
}

// Name returns the name of the table.
func (f *Firewall) Name() string { return fmt.Sprintf("headrace-%d", f.config.First) }

// Close leaves the rules in the kernel, for workers that go on.
func (f *Firewall) Close() error { return f.conn.CloseLasting() }

// Remove takes the rules out of the kernel.
func (f *Firewall) Remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conn.DelTable(f.rules.table)
	return f.conn.Flush()
}

// Admit adds a worker to a group, whose workers reach each other's ports. The user is that of no other worker, and the
// worker's ports are those of sockets made in its control group.
func (f *Firewall) Admit(user uint32, cgroup uint64, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	admitted := worker{cgroup, markOfGroup(name)}
	if f.users[user] == admitted {
		return nil
	}
	if err := f.remove(user); err != nil {
		return err
	}
	f.users[user] = admitted
	if err := f.rules.add(f.conn, user, admitted); err != nil {
		return err
	}
	return f.conn.Flush()
}

// Restore puts the rules into the kernel again if they are gone, and says whether they were: somebody may flush all
// rules of a machine.
func (f *Firewall) Restore() (gone bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tables, err := f.conn.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(tables, func(t *nftables.Table) bool { return t.Name == f.Name() }) {
		return false, nil
	}
	restored, err := f.install()
	if err != nil {
		return true, err
	}
	f.rules = restored
	return true, nil
}

// markOfGroup returns the mark of a group. It is the same for every agent of a machine, so that a run's workers reach
// each other whichever agent started them; names are the cluster's to choose, so nobody finds another run's mark by
// trying.
func markOfGroup(name string) uint32 {
	sum := sha256.Sum256([]byte(name))
	return max(binary.NativeEndian.Uint32(sum[:]), 1) // 0 is no mark
}

// Dismiss forgets a user.
func (f *Firewall) Dismiss(user uint32) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.remove(user)
}

// remove takes a user from its group. The caller has the lock.
func (f *Firewall) remove(user uint32) error {
	w, known := f.users[user]
	if !known {
		return nil
	}
	delete(f.users, user)
	if err := f.rules.remove(f.conn, user, w); err != nil {
		return err
	}
	return f.conn.Flush()
}
