package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// readiness shows how an application gets ready: a line for each change, or one line that changes in place on a
// terminal.
type readiness struct {
	*progress
	said string
}

// show shows the state and the slots, unless that is what was shown last.
func (r *readiness) show(now time.Time, a *controlv1.Application) {
	text := strings.TrimSpace(fmt.Sprintf("%-10s %s", a.GetState(), slots(a)))
	if text != r.said {
		r.said = text
		r.line(output.ClockOf(now), text)
	}
}

// slots says how many slots are ready while the application starts.
func slots(a *controlv1.Application) string {
	var parts []string
	for _, p := range a.GetPools() {
		parts = append(parts,
			fmt.Sprintf("%s %d of %d ready", strings.ToLower(p.GetWorkerType()), p.GetReady(), p.GetWanted()))
	}
	if a.GetState() != "STARTING" && a.GetState() != "STARTED" {
		return ""
	}
	return strings.Join(parts, ", ")
}
