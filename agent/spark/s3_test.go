package spark

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/s3test"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// put writes a file into a bucket.
func put(t *testing.T, server *s3test.Server, uri, content string) {
	t.Helper()
	if err := storage.New(server.Config).Write(t.Context(), uri, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

// The entry point, a module, input, output and a stream's checkpoint are in object storage; the agent's credentials are
// shown nowhere.
func TestSpark_ReadsAndWritesObjectStorage(t *testing.T) {
	n := newNode(t)
	if n.store.Releases()[0].S3Dir == "" {
		t.Skip("the release in the cache has no jars for s3://: headrace release fetch adds them")
	}
	server := s3test.Start(t, "data")
	script, err := os.ReadFile("testdata/objects.py")
	if err != nil {
		t.Fatal(err)
	}
	put(t, server, "s3://data/code/objects.py", string(script))
	put(t, server, "s3://data/code/words.py", "def split(line):\n    return line.split()\n")
	put(t, server, "s3://data/in/a.txt", "to be or\nnot to be\n")
	n.engine.Close()
	n.engine = New(Config{
		Store:       n.store,
		Host:        "127.0.0.1",
		OnDemand:    n.newest,
		ObjectStore: server.Config,
		Programs:    n.programs,
	})
	w := assignment("s3://data/code/objects.py", map[string]string{
		"spark.executor.instances": "1",
		"spark.submit.pyFiles":     "s3://data/code/words.py",
	}, "s3://data/in/", "s3a://data/out", "s3://data/stream", "s3://data/checkpoint")
	n.start(w)
	if out := n.wait(); out != "be 2\nnot 1\nor 1\nto 2\nstreamed 2\nshown []\n" {
		t.Errorf("the driver printed %q", out)
	}
	for _, name := range []string{
		"driver.out", "driver.err", "executor-1.err", "driver-1/homes/w/work/.headrace/spark.properties",
	} {
		if content, err := os.ReadFile(filepath.Join(n.dir, name)); err != nil ||
			bytes.Contains(content, []byte(server.SecretAccessKey)) {
			t.Errorf("%s has the secret (%v)", name, err)
		}
	}
	events, _ := filepath.Glob(filepath.Join(n.dir, "driver-1/homes/w/work/.headrace/events/*/events_*"))
	if len(events) == 0 {
		t.Error("there is no event log")
	}
	for _, path := range events {
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(server.SecretAccessKey)) {
			t.Errorf("the event log %s has the secret", path)
		}
	}
}

func TestS3_WhatCannotBeFetchedFailsTheAttemptAndNamesIt(t *testing.T) {
	server := s3test.Start(t, "data")
	put(t, server, "s3://data/big.py", strings.Repeat("#", 2<<20))
	e, dir := fake(t, "3.11.7")
	e.config.ObjectStore, e.storage = server.Config, storage.New(server.Config)
	wrong := storage.Config{
		Endpoint:        server.Endpoint,
		Region:          s3test.Region,
		PathStyle:       true,
		CredentialsFile: filepath.Join(t.TempDir(), "keys"),
	}
	keys := "[default]\naws_access_key_id=nobody\naws_secret_access_key=nothing\n"
	if err := os.WriteFile(wrong.CredentialsFile, []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		uri  string
		from storage.Config
		disk int64
		want string

		reason agentv1.ExitReason
	}{
		"missing": {
			"s3://data/no/such.py", server.Config, 10, "no such file",
			agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		},
		"no bucket":   {"s3a://nobody/a.py", server.Config, 10, "nobody", agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND},
		"too big":     {"s3://data/big.py", server.Config, 1, "2097152 bytes", agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND},
		"not allowed": {"s3://data/big.py", wrong, 10, "credentials", agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED},
	} {
		e.storage = storage.New(c.from)
		w := driverOf(t, nil, nil)
		w.GetSparkDriver().EntryPoint, w.DiskMib = c.uri, c.disk
		reason, message := refusal(t, e, w, dir)
		if reason != c.reason || !strings.Contains(message, c.uri) || !strings.Contains(message, c.want) {
			t.Errorf("%s: %s, %q, want that it names %s and %q", name, reason, message, c.uri, c.want)
		}
	}
}

// What a service refuses to a run's credentials is no missing file: who reads of it looks for the file in vain.
func TestS3_WhatIsForbiddenIsDenied(t *testing.T) {
	for kind, want := range map[errs.Kind]agentv1.ExitReason{
		errs.Forbidden:    agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED,
		errs.Unauthorized: agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED,
		errs.NotFound:     agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		errs.Invalid:      agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		errs.Unavailable:  agentv1.ExitReason_EXIT_REASON_START_REFUSED,
	} {
		var refusal *engine.StartError
		if err := s3Error("s3://data/a.py", errs.New(kind, "because")); !errors.As(err, &refusal) || refusal.Reason != want ||
			!strings.Contains(refusal.Message, "s3://data/a.py") {
			t.Errorf("%s became %v", kind, err)
		}
	}
}

func TestS3_WhatIsLongerThanItMayBeIsNotCut(t *testing.T) {
	p := layout{home: homeIn(t, t.TempDir())}
	for length, want := range map[int]string{5: "", 6: "more than the 5 bytes"} {
		_, err := p.save("s3://data/a.py", strings.NewReader(strings.Repeat("#", length)), "a.py", 5, 0o600)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %v, want %q", length, err, want)
		}
	}
}

// Spark reads the path of an entry point as a URI, in which some signs of a key mean something else.
func TestA8_AnEntryPointWithSignsOfAURIInItsName(t *testing.T) {
	server := s3test.Start(t, "data")
	e, dir := fake(t, "3.11.7")
	e.config.ObjectStore = server.Config
	e.storage = storage.New(server.Config)
	for _, uri := range []string{"s3://data/a#b.py", "s3://data/a?b.py", "s3://data/a%41b.py"} {
		put(t, server, uri, "print(1)")
		w := driverOf(t, nil, nil)
		w.GetSparkDriver().EntryPoint = uri
		command, err := e.Prepare(t.Context(), w, homeIn(t, dir))
		if err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		if entry := command.Args[len(command.Args)-1]; strings.ContainsAny(entry, "#?%") || filepath.Ext(entry) != ".py" {
			t.Errorf("Spark is told %s", entry)
		}
	}
}
