package spark

import (
	"context"
	"io/fs"
	"net"
	"path/filepath"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// ownFolder is where everything lies that is not the user's, in the worker's working directory.
const ownFolder = ".headrace"

// layout is a worker's home and the release that it runs on. Paths are those that the worker sees.
type layout struct {
	home    *runtime.Home
	release release.Release
	java    string // JAVA_HOME
	users   bool   // java is the user's own: the worker finds it by itself, and nobody else opens it
	plugin  string // path of the plug-in
	archive string // of class data; empty: there is none
}

// layout brings the release and furnishes the worker's home.
func (e *Engine) layout(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home) (layout, error) {
	r, err := e.config.Store.Ensure(ctx, w.GetReleaseLabel(), w.GetReleaseDigest())
	if err != nil {
		return layout{}, refused("cannot start on this node: %v", err)
	}
	if r.Engine != release.EngineSpark {
		return layout{}, refused("cannot start on this node: release %s has the engine %s, not Spark",
			r.Label, r.Engine)
	}
	java, users, err := e.javaHome(ctx, r, w, home)
	if err != nil {
		return layout{}, err
	}
	jar, err := e.installPlugin()
	if err != nil {
		return layout{}, refused("cannot put the plug-in beside the releases: %v", err)
	}
	p := layout{
		home:    home,
		release: r,
		java:    java,
		users:   users,
		plugin:  jar,
	}
	if !users {
		p.archive = e.useClassData(r, java)
	}
	if err := p.furnish(); err != nil {
		return layout{}, refused("cannot make the worker's folders: %v", err)
	}
	if err := e.writeHadoop(ctx, p, environmentOf(w)); err != nil {
		return layout{}, err
	}
	return p, nil
}

// furnish makes the worker's folders, and shows it the release, the node's Java, the plug-in and the archive of class
// data.
func (p layout) furnish() error {
	p.home.Show(p.release.Dir, filepath.Dir(p.plugin))
	if !p.users {
		p.showJava()
	}
	if p.archive != "" {
		p.home.Show(filepath.Dir(p.archive))
	}
	return p.home.Work.MkdirAll(inOwn("local"), inOwn("tmp"), inOwn("events"), inOwn("conf"))
}

// showJava shows a Java of the node, also where a link leads to it.
func (p layout) showJava() {
	p.home.Show(p.java)
	if real, err := filepath.EvalSymlinks(p.java); err == nil {
		p.home.Show(real)
	}
}

// inOwn returns the name in the working directory of what is ours.
func inOwn(name string) string { return filepath.Join(ownFolder, name) }

// write writes a file of ours, for the worker's user only.
func (p layout) write(name string, content []byte, mode fs.FileMode) error {
	return p.home.Work.WriteFile(inOwn(name), content, mode)
}

// The folders and files of a worker.
func (p layout) work() string           { return p.home.Seen }
func (p layout) own(name string) string { return filepath.Join(p.work(), ownFolder, name) }
func (p layout) local() string          { return p.own("local") }
func (p layout) temporary() string      { return p.own("tmp") }
func (p layout) events() string         { return p.own("events") }
func (p layout) conf() string           { return p.own("conf") }
func (p layout) properties() string     { return p.own("spark.properties") }

// bind returns the address that workers listen on: the host itself if it is one of loopback, else every address.
func (e *Engine) bind() string {
	if ip := net.ParseIP(e.config.Host); e.config.Host == "localhost" || ip != nil && ip.IsLoopback() {
		return e.config.Host
	}
	return "0.0.0.0"
}
