package sandbox

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// mounts returns what lies over the node's root file system, parents first.
func (b Bundle) mounts() []specs.Mount {
	all := slices.Concat(kernelMounts(b.MemoryMiB), b.hiding(), b.sharing(), b.owning(), b.reading())
	slices.SortStableFunc(all, func(x, y specs.Mount) int { return cmp.Compare(x.Destination, y.Destination) })
	return all
}

// kernelMounts are the file systems of the kernel. Processes see only their own ones.
func kernelMounts(memoryMiB int64) []specs.Mount {
	return []specs.Mount{
		{
			Destination: "/proc",
			Type:        "proc",
			Source:      "proc",
			Options:     []string{"nosuid", "noexec", "nodev", "hidepid=2"},
		},
		{
			Destination: "/dev",
			Type:        "tmpfs",
			Source:      "tmpfs",
			Options:     []string{"nosuid", "noexec", "mode=755", "size=64k"},
		},
		{
			Destination: "/dev/mqueue",
			Type:        "mqueue",
			Source:      "mqueue",
			Options:     []string{"nosuid", "noexec", "nodev"},
		},
		{
			Destination: "/dev/pts",
			Type:        "devpts",
			Source:      "devpts",
			Options:     []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "max=64"},
		},
		{
			Destination: "/dev/shm",
			Type:        "tmpfs",
			Source:      "shm",
			Options:     []string{"nosuid", "nodev", "mode=1777", sizeOption(memoryMiB)},
		},
	}
}

// sizeOption bounds what is kept in memory. It counts as memory of the worker too.
func sizeOption(memoryMiB int64) string { return fmt.Sprintf("size=%dm", cmp.Or(memoryMiB, 64)) }

// hiding puts an empty directory over each one that workers do not see.
func (b Bundle) hiding() (all []specs.Mount) {
	for _, dir := range b.Config.concealed() {
		all = append(all, specs.Mount{
			Destination: dir,
			Type:        "tmpfs",
			Source:      "tmpfs",
			Options:     []string{"nosuid", "nodev", "mode=755", "size=256k"},
		})
	}
	return all
}

// sharing shows shared directories.
func (b Bundle) sharing() (all []specs.Mount) {
	for _, dir := range b.Config.Shared {
		all = append(all, bind(dir, dir, "rw"))
	}
	return all
}

// owning gives the worker what is its own.
func (b Bundle) owning() []specs.Mount {
	return []specs.Mount{
		bind(b.Tmp, "/tmp", "rw"),
		bind(b.VarTmp, "/var/tmp", "rw"),
		bind(b.Home, Home, "rw"),
		bind(b.Sockets, Sockets, "ro"),
		bind(b.path("passwd"), "/etc/passwd", "ro"),
		bind(b.path("group"), "/etc/group", "ro"),
	}
}

// reading shows directories that the worker's program needs, where they are hidden.
func (b Bundle) reading() (all []specs.Mount) {
	reads := slices.Clone(b.Reads)
	if real, err := filepath.EvalSymlinks(resolver); err == nil {
		reads = append(reads, filepath.Dir(real))
	}
	slices.Sort(reads)
	for _, dir := range slices.Compact(reads) {
		if !b.Config.Sees(dir) {
			all = append(all, bind(dir, dir, "ro"))
		}
	}
	return all
}

// bind shows a directory, or a file, of the node at a path.
func bind(from, to, access string) specs.Mount {
	return specs.Mount{
		Destination: to,
		Type:        "bind",
		Source:      from,
		Options:     []string{"rbind", access, "nosuid", "nodev"},
	}
}
