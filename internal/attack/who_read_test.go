package attack

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// mustShow are the calls that show the secret to those who may see it; it proves that the attacks look in the right
// places.
var mustShow = []string{"GetApplication", "GetJobRun", "ReadLog"}

// Nobody reads the environment, the arguments, the logs or the last words of somebody else's run: through no server, in
// no answer, no stream and no error, while it runs and afterwards, and not by saying what only servers say to each
// other either.
func TestWhoRead_AnothersRunOverTheNativeAPI(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	w.readsNothing()
	w.ends()
	w.readsNothing()
}

func (w *whoWorld) readsNothing() {
	w.t.Helper()
	for _, s := range w.cluster.Servers {
		for how, ctx := range map[string]context.Context{"plainly": testcluster.Within(w.t), "as a server": w.forged()} {
			for call, text := range w.told(ctx, w.eve(s)) {
				if strings.Contains(text, whoSecret) {
					w.t.Errorf("%s tells eve, who asks %s, in %s: %q", s.ID(), how, call, text)
				}
			}
		}
		for name, c := range map[string]*testcluster.Client{"ann": w.ann(s), "olga": w.olga(s)} {
			told := w.told(testcluster.Within(w.t), c)
			for _, call := range mustShow {
				if !strings.Contains(told[call], whoSecret) {
					w.t.Errorf("%s tells %s in %s only: %q", s.ID(), name, call, told[call])
				}
			}
		}
	}
}

// Lists, waits and states are everybody's.
func TestWhoRead_LeavesStatesToEverybody(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	w.ends()
	for _, s := range w.cluster.Servers {
		told := w.told(testcluster.Within(t), w.eve(s))
		for _, call := range []string{"GetJobRun", "ListJobRuns", "WatchEvents", "ExplainJobRun"} {
			if !strings.Contains(told[call], "FAILED") {
				t.Errorf("%s tells eve in %s: %q", s.ID(), call, told[call])
			}
		}
	}
}

// Nor over HTTP, with a signature of one's own.
func TestWhoRead_AnothersRunOverHTTP(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	w.ends()
	run := "/applications/" + w.application + "/jobruns/" + w.run
	for user, may := range map[string]bool{"ann": true, "eve": false} {
		reader := w.signs(user)
		for _, server := range w.cluster.Servers {
			var all strings.Builder
			for _, path := range []string{
				run,
				"/applications/" + w.application + "/jobruns",
				run + "/attempts",
				"/applications/" + w.application,
				"/applications",
			} {
				status, text := reader.get(server, path)
				if status != http.StatusOK {
					t.Errorf("%s answers %s about %s: %d %s", server.ID(), user, path, status, text)
				}
				all.WriteString(text)
			}
			status, text := reader.get(server, run+"/dashboard")
			if !may && status != http.StatusForbidden {
				t.Errorf("%s answers eve about ann's dashboard: %d %s", server.ID(), status, text)
			}
			all.WriteString(text)
			if strings.Contains(all.String(), whoSecret) != may {
				t.Errorf("%s tells %s: %s", server.ID(), user, all.String())
			}
		}
	}
}

// Nor by any command, and none takes what it was not shown for a value: clones and files with a mask in them come to
// nothing.
func TestWhoRead_AnothersRunByTheCommandLine(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	w.ends()
	follower := w.cluster.Follower()
	for _, name := range []string{"ann", "eve"} { // certificates
		w.cluster.As(follower, "client", name)
	}
	workers, err := w.olga(follower).ListWorkers(testcluster.Within(t), &controlv1.ListWorkersRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	})
	w.must(err)
	wanted := filepath.Join(t.TempDir(), "reports.yaml")
	w.must(os.WriteFile(wanted, []byte("kind: Application\nname: reports\nspec: {type: PROCESS}\n"), 0o600))
	before := w.picture()
	shown := 0
	for _, line := range [][]string{
		{"job-run", "get", w.application, w.run},
		{"job-run", "get", w.application, w.run, "-o", "json"},
		{"job-run", "list", w.application, "-o", "json"},
		{"job-run", "attempts", w.application, w.run, "-o", "json"},
		{"job-run", "explain", w.application, w.run},
		{"job-run", "logs", w.application, w.run},
		{"job-run", "wait", w.application, w.run},
		{"job-run", "ui", w.application, w.run},
		{"job-run", "clone", w.application, w.run, "--name", "mine"},
		{"worker", "list", w.application, w.run, "-o", "json"},
		{"worker", "get", workers.GetWorkers()[0].GetWorkerId()},
		{"application", "get", w.application},
		{"application", "clone", w.application, "--name", "mine"},
		{"export", "reports"},
		{"export", "--all"},
		{"apply", "-f", wanted, "--yes"},
		{"apply", "-f", wanted, "--diff"},
		{"events", "--from", "1.0", "-o", "json"},
	} {
		ctx, cancel := context.WithTimeout(testcluster.Within(t), 20*time.Second)
		if line[0] == "events" {
			ctx, cancel = context.WithTimeout(testcluster.Within(t), time.Second)
		}
		if text := w.commands(ctx, follower, "eve", line...); strings.Contains(text, whoSecret) {
			t.Errorf("%v shows eve: %s", line, text)
		}
		cancel()
		if line[1] == "get" || line[1] == "logs" {
			shown += strings.Count(w.commands(testcluster.Within(t), follower, "ann", line...), whoSecret)
		}
	}
	w.unmoved(before)
	if shown < 4 {
		t.Errorf("ann was shown her secret %d times", shown)
	}
}
