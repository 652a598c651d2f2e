package attack

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// whoHeader is that of an archive with that content.
func whoHeader(label, content string) *controlv1.AddReleaseHeader {
	digest := sha256.Sum256([]byte(content))
	return &controlv1.AddReleaseHeader{
		Label:         label,
		Engine:        specv1.Engine_ENGINE_SPARK,
		EngineVersion: "3.5.1",
		Digest:        digest[:],
		SizeBytes:     int64(len(content)),
	}
}

// keepsNo holds that no server has an archive of that content on its disk.
func (w *whoWorld) keepsNo(content string) {
	w.t.Helper()
	for _, s := range w.cluster.Servers {
		found, err := filepath.Glob(filepath.Join(s.ReleaseDir(), "*"))
		w.must(err)
		for _, path := range found {
			if has, _ := os.ReadFile(path); strings.Contains(string(has), content) {
				w.t.Errorf("%s has it in %s", s.ID(), path)
			}
		}
	}
}

// A release runs as everybody on every node: who is no operator gives none to the cluster, not even its bytes to a
// server's disk.
func TestWhoRelease_AddedByAClient(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	before := w.picture()
	for _, s := range w.cluster.Servers {
		for _, label := range []string{"emr-7.2.0", "mine"} {
			header := whoHeader(label, "trojan")
			header.Replace = true
			if _, err := uploads(testcluster.Within(t), w.eve(s), header, []byte("trojan")); err == nil ||
				!strings.Contains(err.Error(), "operator") {
				t.Errorf("%s: %v", s.ID(), err)
			}
		}
	}
	w.unmoved(before)
	w.keepsNo("trojan")
}

// A label keeps its archive: another one is refused, and is replaced when that was said and nobody uses it.
func TestWhoRelease_ReplacedSilently(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	ctx := testcluster.Within(t)
	olga := w.olga(w.cluster.Follower())
	_, err := uploads(ctx, olga, whoHeader("ours", "good"), []byte("good"))
	w.must(err)
	before := w.picture()
	for _, s := range w.cluster.Servers {
		if _, err := uploads(ctx, w.olga(s), whoHeader("ours", "evil"), []byte("evil")); err == nil ||
			!strings.Contains(err.Error(), "--replace") {
			t.Errorf("%s: %v", s.ID(), err)
		}
	}
	w.unmoved(before)
	w.keepsNo("evil")

	created, err := w.ann(w.cluster.Leader()).CreateApplication(ctx, &controlv1.CreateApplicationRequest{
		Spec: applicationSpec("spark", specv1.Engine_ENGINE_SPARK, "ours"),
	})
	w.must(err)
	w.application = created.GetApplication().GetApplicationId()
	started, err := w.ann(w.cluster.Leader()).StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: w.application,
		Spec:          sparkRun("file:///job.py", ""),
	})
	w.must(err)
	w.run = started.GetJobRun().GetJobRunId()
	w.awaits("RUNNING")
	before = w.picture()
	header := whoHeader("ours", "evil")
	header.Replace = true
	for _, s := range w.cluster.Servers {
		if _, err := uploads(ctx, w.olga(s), header, []byte("evil")); err == nil || !strings.Contains(err.Error(), w.run) {
			t.Errorf("%s, while a run uses it: %v", s.ID(), err)
		}
	}
	w.unmoved(before)
	w.keepsNo("evil")
}
