package sandbox

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hidden are directories that are nobody's business on any machine: homes of people, what runs there, and what belongs
// to the cluster. Sockets of services are below /run.
var hidden = []string{"/root", "/home", "/run", "/etc/headrace", "/var/lib/headrace"}

// own are directories that every worker has for itself.
var own = []string{"/tmp", "/var/tmp", "/dev", "/proc"}

// resolver is how programs find names of hosts. On many machines it is a link to where it is made anew at each boot.
const resolver = "/etc/resolv.conf"

// concealed returns the directories that workers do not see, by their real names, parents first.
func (c Config) concealed() (all []string) {
	for _, dir := range slices.Concat(hidden, c.Hidden) {
		if real, err := filepath.EvalSymlinks(dir); err == nil && real != "/" && isDir(real) {
			all = append(all, real)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Sees says whether workers see what is at a path of the node, which has to be its real name.
func (c Config) Sees(path string) bool {
	// The longest name decides: a shared directory may be below a hidden one, and the other way round.
	seen := true
	longest := 0
	for _, rule := range []struct {
		dirs []string
		seen bool
	}{{own, false}, {c.concealed(), false}, {c.Shared, true}} {
		for _, dir := range rule.dirs {
			if Below(path, dir) && len(dir) >= longest {
				seen = rule.seen
				longest = len(dir)
			}
		}
	}
	return seen
}

// Below says whether a path is a directory, or in it.
func Below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
