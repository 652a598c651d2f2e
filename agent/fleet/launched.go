package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/launch"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// launchFile keeps, without secrets, how a worker was started.
const launchFile = "launch.pb"

// keepLaunch keeps how the worker is about to be started, for people who ask. A worker runs also without.
func (w *worker) keepLaunch(a *agentv1.AssignedWorker, command runtime.Command, home *runtime.Home) {
	content, err := proto.Marshal(launch.Describe(a, command, home))
	if err == nil {
		err = w.fleet.config.Runtime.Keep(w.id, launchFile, content)
	}
	if err != nil {
		w.log().Error("cannot keep how the worker is started", "error", err)
	}
}

// Launch returns how a worker was started; its Error says why that is not known.
func (f *Fleet) Launch(id string) *agentv1.WorkerLaunch {
	known := &agentv1.WorkerLaunch{}
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return &agentv1.WorkerLaunch{Error: fmt.Sprintf("cannot describe worker %q: an id is one file name", id)}
	}
	content, err := f.config.Runtime.Kept(id, launchFile)
	if err == nil {
		err = proto.Unmarshal(content, known)
	}
	switch {
	case err == nil:
		return known
	case errors.Is(err, fs.ErrNotExist):
		err = errors.New(f.whyUnknown(id))
	}
	return &agentv1.WorkerLaunch{Error: fmt.Sprintf("cannot say how worker %s was started: %v", id, err)}
}

// whyUnknown says why nothing is kept of how a worker was started.
func (f *Fleet) whyUnknown(id string) string {
	if removed, since := f.config.Runtime.Removed(id); removed {
		return "its directory was removed at " + since.UTC().Format(time.RFC3339)
	}
	if w := f.find(id); w != nil && !w.hasEnded() {
		return "it is still being prepared"
	} else if w != nil {
		return "it ended before it was started"
	}
	return "this node keeps nothing of it; " +
		"an ended worker's directory is kept for an hour, or less when they use too much disk"
}
