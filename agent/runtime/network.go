package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/cgroups/v3"
)

// Network keeps workers that have a user of their own from the ports of others. *firewall.Firewall does.
type Network interface {
	// Admit adds a user to its peers, which reach each other's ports. Its own ports are those of sockets made in its
	// control group.
	Admit(user uint32, cgroup uint64, peers string) error
	// Dismiss forgets a user.
	Dismiss(user uint32) error
}

// SocketTree returns the id and the depth of the control group of version 2 below which the sockets of workers are
// made, which it makes; 0: this machine has none.
func SocketTree(group string) (id uint64, level uint32, err error) {
	root := unifiedRoot()
	if root == "" || group == "" {
		return 0, 0, nil
	}
	id, err = makeSocketGroup(filepath.Join(root, group))
	return id, uint32(len(strings.Split(filepath.Clean(group), "/"))), err
}

// unifiedRoot returns where control groups of version 2 are mounted, alone or beside version 1; empty: nowhere.
func unifiedRoot() string {
	switch cgroups.Mode() {
	case cgroups.Unified:
		return unified
	case cgroups.Hybrid:
		return filepath.Join(unified, "unified")
	}
	return ""
}

// admit lets a worker reach its peers, if it has a user of its own.
func (r *Runtime) admit(spec Spec) error {
	if r.network == nil || spec.User == nil || r.config.Users.Count == 0 {
		return nil
	}
	var id uint64
	if root := unifiedRoot(); root != "" && spec.Cgroup != "" {
		var err error
		if id, err = makeSocketGroup(filepath.Join(root, spec.Cgroup)); err != nil {
			return err
		}
	}
	return r.network.Admit(spec.User.UID, id, spec.peers())
}

// peers names the workers that reach each other's ports; this one alone, if it names none.
func (s Spec) peers() string {
	if s.Peers != "" {
		return "run " + s.Peers
	}
	return "worker " + s.ID
}

// dismiss forgets a worker that has ended.
func (r *Runtime) dismiss(spec Spec) {
	if r.network == nil || spec.User == nil || r.config.Users.Count == 0 {
		return
	}
	if err := r.network.Dismiss(spec.User.UID); err != nil {
		r.config.Logger.Error("cannot take an ended worker out of the firewall", "worker", spec.ID, "error", err)
	}
}

// SetNetwork keeps all workers from others' ports from now on, also those that run. Call it before anything is started.
func (r *Runtime) SetNetwork(n Network) error {
	r.network = n
	entries, err := os.ReadDir(r.root())
	for _, entry := range entries {
		spec := Spec{ID: entry.Name()}
		found, readErr := readJSON(filepath.Join(r.Dir(spec.ID), specFile), &spec)
		started := entry.IsDir() && found && readErr == nil && spec.Home != ""
		if started && !exists(filepath.Join(r.Dir(spec.ID), exitFile)) {
			err = errors.Join(err, r.admit(spec))
		}
	}
	return err
}
