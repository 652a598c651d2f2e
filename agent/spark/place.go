package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"strconv"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

	"github.com/headrace/headrace/agent/release"
)

// ownFolder is where everything lies that is not the user's, in the worker's working directory.
const ownFolder = ".headrace"

// maxSocketPath is how long the path of a unix socket may be, in bytes, that Java connects to: one less than the system's 107.
const maxSocketPath = 106

// place is a worker's directory and the release that it runs on.
type place struct {
	dir     string
	release release.Release
	java    string // JAVA_HOME
	plugin  string // path of the plug-in
	archive string // of class data; empty: there is none
}

// place brings the release and makes the worker's directories.
func (e *Engine) place(ctx context.Context, w *agentv1.AssignedWorker, dir string) (place, error) {
	r, err := e.config.Store.Ensure(ctx, w.GetReleaseLabel(), w.GetReleaseDigest())
	if err != nil {
		return place{}, refused("cannot start on this node: %v", err)
	}
	if r.Engine != release.EngineSpark {
		return place{}, refused("cannot start on this node: release %s has the engine %s, not Spark", r.Label, r.Engine)
	}
	java, err := e.javaHome(ctx, r, w)
	if err != nil {
		return place{}, err
	}
	jar, err := e.placePlugin()
	if err != nil {
		return place{}, refused("cannot put the plug-in beside the releases: %v", err)
	}
	p := place{dir: dir, release: r, java: java, plugin: jar, archive: e.useClassData(r, java)}
	for _, d := range []string{p.work(), p.local(), p.temporary(), p.events(), p.conf()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return place{}, refused("cannot make the worker's directory: %v", err)
		}
	}
	if err := e.writeS3(ctx, p, environmentOf(w)); err != nil {
		return place{}, err
	}
	return p, nil
}

// The folders and files of a worker. All are below work, which belongs to the worker's user.
func (p place) work() string           { return filepath.Join(p.dir, "work") }
func (p place) own(name string) string { return filepath.Join(p.work(), ownFolder, name) }
func (p place) local() string          { return p.own("local") }
func (p place) temporary() string      { return p.own("tmp") }
func (p place) events() string         { return p.own("events") }
func (p place) conf() string           { return p.own("conf") }
func (p place) properties() string     { return p.own("spark.properties") }

// socket returns the path of a driver's socket: in its directory, or, where that path is too long, in a short directory under a
// name made from it, so that a restarted agent finds the same one.
func (e *Engine) socket(dir string) string { return e.socketNamed(dir, "agent.sock") }

// socketNamed returns the path of another socket of a worker in the same way.
func (e *Engine) socketNamed(dir, name string) string {
	path := place{dir: dir}.own(name)
	if len(path) <= maxSocketPath {
		return path
	}
	short := e.config.SocketDir
	if short == "" {
		short = filepath.Join(os.TempDir(), "headrace-"+strconv.Itoa(os.Getuid()))
	}
	digest := sha256.Sum256([]byte(path))
	return filepath.Join(short, hex.EncodeToString(digest[:8])+".sock")
}

// bind returns the address that workers listen on: the host itself if it is one of loopback, else every address.
func (e *Engine) bind() string {
	if ip := net.ParseIP(e.config.Host); e.config.Host == "localhost" || ip != nil && ip.IsLoopback() {
		return e.config.Host
	}
	return "0.0.0.0"
}
