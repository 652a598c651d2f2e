package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	run := c.submit(application, spark(testdata(t, "held.py"), sized(1), dir, "2"))
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
