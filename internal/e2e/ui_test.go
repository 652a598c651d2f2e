package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// People see the driver's own pages while it runs, and the history's afterwards, by one link and in a real browser. The
// screenshots stay in build/screenshots.
func TestSpark_UserInterface(t *testing.T) {
	c, application := sparkCluster(t, shape{nodes: []string{"a-1"}, cpu: 4000})
	dir := c.gate("held")
	more := " --py-files file://" + testdata(t, "event_logs.py")
	run := c.submit(application, spark(testdata(t, "held.py"), sized(1)+more, dir, "2", strings.Join(sizedLogs, ",")))
	c.running(run, 2, 2*time.Minute)
	link := c.link(run)
	base := c.shows(link, "/jobs/")
	c.looks(
		base+"/executors/",
		"executors-live.png",
		`id="active-executors-table"`,
		">driver<",
		"../logs/SPARK_EXECUTOR/1/stderr",
	)
	c.open(dir)
	c.ends(run, "SUCCESS", time.Minute)
	c.shippedAll("a-1")
	if past := c.shows(link, "/history/"+run.GetJobRunId()+"/1/jobs/"); past != base {
		t.Errorf("the link leads to %s now, and led to %s", past, base)
	}
	c.looks(
		base+"/executors/",
		"executors-history.png",
		`id="active-executors-table"`,
		">driver<",
		"../logs/SPARK_DRIVER/stdout",
	)
	if answer, err := http.Get(base + "/logs/SPARK_DRIVER/stdout"); err != nil || answer.StatusCode != http.StatusOK ||
		answer.Body.Close() != nil { //nolint:gosec,noctx // as below
		t.Errorf("the driver's output: %v, %v", answer, err)
	}
	t.Run("TestB_EventLogsOfAnySizeInABrowser", func(t *testing.T) { c.in(t).showsLogs(run, base) })
	t.Run("TestA10_AHistoryThatIsNotWholeSaysSo", func(t *testing.T) { c.in(t).saysWhatIsMissing(run, base) })
}

// sizedLogs are the event logs that the program of that test writes beside its own, the sizes in MiB: in one file, in
// parts, and in parts of which some are missing. See testdata/event_logs.py. One history server shows all of them, so
// that the test needs one run and one server.
var sizedLogs = []string{
	"one=1",
	"fifty=50",
	"rolled=6/2",
	"cut=6/1/2",
}

// shippedAll waits until a node's agent has taken all logs.
func (c *cluster) shippedAll(node string) {
	c.t.Helper()
	eventually(c.t, time.Minute, "all logs of "+node+" are taken", func() error {
		left, err := filepath.Glob(filepath.Join(c.nodeDir(node), "shipping", "*"))
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%d shipments are under way", len(left))
		}
		return err
	})
}

// showsLogs looks at the jobs of each log: as many as its program wrote. Spark shows the newest thousand.
func (c *cluster) showsLogs(run *controlv1.JobRun, base string) {
	c.t.Helper()
	wrote, err := c.readLog(run, 0, "stdout")
	if !errors.Is(err, io.EOF) {
		c.t.Fatal(err)
	}
	for _, log := range []string{"one", "fifty", "rolled"} {
		jobs := 0
		for line := range strings.Lines(wrote) {
			_, _ = fmt.Sscanf(line, log+" %d", &jobs)
		}
		if jobs == 0 {
			c.t.Fatalf("the program did not say how many jobs the log %s has: %s", log, wrote)
		}
		count := fmt.Sprintf("Completed Jobs (%d)", jobs)
		if jobs > 1000 {
			count = fmt.Sprintf("Completed Jobs (%d, only showing", jobs)
		}
		began := time.Now()
		c.looks(pageOf(base, log), "jobs-"+log+".png", `id="completedJob-table"`, count)
		c.t.Logf("%s, with %d jobs, shown after %s", log, jobs, time.Since(began).Round(100*time.Millisecond))
	}
}

// pageOf returns the address of another log's jobs that the same history server shows.
func pageOf(base, log string) string { return base + "/history/" + log + "/1/jobs/" }

// saysWhatIsMissing looks at the log of which only the first part and the newest are there.
func (c *cluster) saysWhatIsMissing(run *controlv1.JobRun, base string) {
	c.t.Helper()
	c.looks(
		pageOf(base, "cut"),
		"jobs-not-whole.png",
		`id="headrace-note"`,
		"This history is not whole.",
		"of each log that is too large, or lacks files, the first and the newest",
		`id="completedJob-table"`,
	)
	var answer struct{ Note string }
	out := c.run("job-run", "ui", run.GetApplicationId(), run.GetJobRunId(), "--output", "json")
	if err := json.Unmarshal([]byte(out), &answer); err != nil || !strings.Contains(answer.Note, "not whole") {
		c.t.Errorf("the link comes without a word about it: %s: %v", out, err)
	}
}

// link returns what the command prints.
func (c *cluster) link(run *controlv1.JobRun) string {
	c.t.Helper()
	var answer struct{ URL string }
	out := c.run("job-run", "ui", run.GetApplicationId(), run.GetJobRunId(), "--output", "json")
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.URL == "" {
		c.t.Fatalf("the link is %s: %v", out, err)
	}
	return answer.URL
}

// shows follows a link until it shows a page whose path ends so, and returns what its address begins with.
func (c *cluster) shows(link, path string) (base string) {
	c.t.Helper()
	eventually(c.t, 2*time.Minute, "the link leads to "+path, func() error {
		answer, err := http.Get(link) //nolint:gosec,noctx // it is ours
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		at, ours := strings.CutSuffix(answer.Request.URL.String(), path)
		if base = at; answer.StatusCode != http.StatusOK || !ours {
			return fmt.Errorf("%s from %s", answer.Status, answer.Request.URL)
		}
		return nil
	})
	return base
}

// looks opens a page in a browser, where one is installed, until it has those words, and keeps a picture of it. Scripts
// that fail fail the test.
func (c *cluster) looks(page, picture string, words ...string) {
	c.t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		c.t.Log("nobody looked at the pages: chromium is not installed")
		return
	}
	eventually(c.t, time.Minute, "the page has "+strings.Join(words, ", "), func() error {
		dom, said, err := c.browse(browser, "--dump-dom", page)
		for _, word := range words {
			if !strings.Contains(dom, word) {
				err = errors.Join(err, fmt.Errorf("%q is missing", word))
			}
		}
		if strings.Contains(said, "Uncaught") || strings.Contains(said, "has been blocked") {
			err = errors.Join(err, fmt.Errorf("scripts failed: %s", said))
		}
		return err
	})
	kept, err := filepath.Abs(filepath.Join("..", "..", "build", "screenshots"))
	if err == nil {
		err = os.MkdirAll(kept, 0o755) //nolint:gosec // they are for everybody
	}
	if err != nil {
		c.t.Fatal(err)
	}
	if _, said, err := c.browse(browser, "--screenshot="+filepath.Join(kept, picture), page); err != nil {
		c.t.Errorf("no picture: %v %s", err, said)
	}
}

// browse runs a browser until a page has settled.
func (c *cluster) browse(browser, what, page string) (out, said string, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(
		ctx,
		browser,
		"--headless=new",
		"--no-sandbox",
		"--disable-gpu",
		"--no-first-run",
		"--disable-background-networking",
		"--disable-sync",
		"--disable-component-update",
		"--user-data-dir="+c.path("browser"),
		"--window-size=1280,900",
		"--virtual-time-budget=5000",
		"--enable-logging=stderr",
		what,
		page,
	)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	return string(stdout), stderr.String(), err
}
