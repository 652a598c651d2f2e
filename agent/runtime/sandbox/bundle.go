package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
)

// Bundle is one worker's sandbox. Paths are the node's.
type Bundle struct {
	Config Config `json:"-"`
	// Dir is the directory of the bundle itself, which only the agent and the shim use.
	Dir string
	// User is the user that the worker runs as.
	User guest.User
	// Home, Tmp and VarTmp are the worker's own directories.
	Home, Tmp, VarTmp string
	// Sockets is the directory of its agent's sockets.
	Sockets string
	// Reads are directories that its program needs.
	Reads []string
	// Args and Env are the program's, with paths as it sees them. Its working directory is Home: crun would make any
	// other that is missing.
	Args, Env []string
	// MemoryMiB is its memory; 0: no limit.
	MemoryMiB int64
}

// userName is the worker's user, as in the image that users know. Java wants a name.
const userName = "hadoop"

// umask lets the group of a shared directory change what is made there.
var umask = uint32(0o002)

func (b Bundle) path(name string) string { return filepath.Join(b.Dir, name) }

// Write writes the bundle.
func (b Bundle) Write() error {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return err
	}
	spec, err := b.spec()
	if err != nil {
		return err
	}
	config, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.path("config.json"), config, 0o600); err != nil {
		return err
	}
	return b.writeNames()
}

// writeNames gives the worker's user a name: to the node's own names one is added.
func (b Bundle) writeNames() error {
	passwd := fmt.Sprintf("%s:x:%d:%d::%s:/bin/sh\n", userName, b.User.UID, b.User.GID, Home)
	group := fmt.Sprintf("%s:x:%d:\n", userName, b.User.GID)
	for name, line := range map[string]string{"passwd": passwd, "group": group} {
		all, err := os.ReadFile(filepath.Join("/etc", name))
		if err != nil {
			return err
		}
		names := append(without(all, userName), line...)
		if err := os.WriteFile(b.path(name), names, 0o644); err != nil { //nolint:gosec // everybody reads such files
			return err
		}
	}
	return nil
}

// without returns a file of names without one of them.
func without(all []byte, name string) []byte {
	var kept []byte
	for line := range bytes.Lines(all) {
		if !bytes.HasPrefix(line, []byte(name+":")) {
			kept = append(kept, line...)
		}
	}
	if len(kept) > 0 && kept[len(kept)-1] != '\n' {
		kept = append(kept, '\n')
	}
	return kept
}

// spec returns the bundle as the OCI runtime specification has it.
func (b Bundle) spec() (*specs.Spec, error) {
	filter, err := seccompFilter()
	if err != nil {
		return nil, err
	}
	return &specs.Spec{
		Version: "1.0.2",
		Root:    &specs.Root{Path: b.path(rootDir), Readonly: true},
		Mounts:  b.mounts(),
		Process: b.process(),
		Linux: &specs.Linux{
			Namespaces:        []specs.LinuxNamespace{{Type: specs.MountNamespace}, {Type: specs.IPCNamespace}},
			RootfsPropagation: "rslave",
			MaskedPaths:       []string{"/proc/keys", "/proc/key-users", "/proc/kallsyms", "/sys/firmware"},
			Seccomp:           filter,
		},
	}, nil
}

// process describes the worker's first process.
func (b Bundle) process() *specs.Process {
	score := 0 // an agent that is protected must not protect its workers
	return &specs.Process{
		User:            specs.User{UID: b.User.UID, GID: b.User.GID, Umask: &umask},
		Args:            b.Args,
		Env:             b.Env,
		Cwd:             Home,
		Capabilities:    &specs.LinuxCapabilities{},
		NoNewPrivileges: true,
		OOMScoreAdj:     &score,
		Rlimits:         b.limits(),
	}
}

// limits bound what one process may have. A limit is never above the agent's own, which it could not raise.
func (b Bundle) limits() []specs.POSIXRlimit {
	return []specs.POSIXRlimit{
		limit("RLIMIT_NOFILE", unix.RLIMIT_NOFILE, b.Config.OpenFiles),
		limit("RLIMIT_NPROC", unix.RLIMIT_NPROC, uint64(b.Config.Processes)),
		limit("RLIMIT_CORE", unix.RLIMIT_CORE, 0),
	}
}

func limit(name string, resource int, maximum uint64) specs.POSIXRlimit {
	var has unix.Rlimit
	if err := unix.Getrlimit(resource, &has); err == nil {
		maximum = min(maximum, has.Max)
	}
	return specs.POSIXRlimit{Type: name, Soft: maximum, Hard: maximum}
}
