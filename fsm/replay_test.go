package fsm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// logVersion is the log version of this code. When it goes up, `go test ./fsm -rewrite` adds a directory for it; those
// of older versions are never written again, because logs like them are out there.
const logVersion = "testdata/log/v2"

// TestReplay_OfEveryVersion replays the logs that every version wrote: they still give the digests of then. A failure
// here means that a server with this code would have another state than the cluster whose log it reads.
func TestReplay_OfEveryVersion(t *testing.T) {
	if *rewrite {
		writeLogs(t, logVersion)
	}
	logs, err := filepath.Glob("testdata/log/*/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("cannot find logs in testdata/log: %v", err)
	}
	for _, file := range logs {
		t.Run(nameOf(strings.TrimSuffix(file, ".log")), func(t *testing.T) { replayLog(t, file) })
	}
}

func replayLog(t *testing.T, file string) {
	machine := fsm.New()
	for _, record := range readLog(t, file) {
		if !machine.Apply(record) {
			t.Fatalf("record %d is void", record.GetSequence())
		}
		if err := machine.View().Check(); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(strings.TrimSuffix(file, ".log") + ".sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x\n", fsm.Digest(machine.View())); got != string(want) {
		t.Errorf("the digest is %s, it was %s; the state is now\n%s", got, want, dump(t, machine.View()))
	}
}

// readLog reads length-delimited records.
func readLog(t *testing.T, file string) (records []*eventv1.Record) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := bytes.NewReader(data); ; {
		record := &eventv1.Record{}
		err := protodelim.UnmarshalFrom(in, record)
		if errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
}

// writeLogs records every story as this version tells it, unless that was done before: a log that was written once must
// replay for ever.
func writeLogs(t *testing.T, dir string) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range stories(t) {
		path := filepath.Join(dir, nameOf(file))
		if _, err := os.Stat(path + ".log"); err != nil {
			writeLog(t, path, told(t, file))
		}
	}
}

func writeLog(t *testing.T, path string, s *teller) {
	var log bytes.Buffer
	for _, record := range s.records {
		if _, err := protodelim.MarshalTo(&log, record); err != nil {
			t.Fatal(err)
		}
	}
	digest := fmt.Sprintf("%x\n", fsm.Digest(s.machine.View()))
	if err := errors.Join(
		os.WriteFile(path+".log", log.Bytes(), 0o644), os.WriteFile(path+".sha256", []byte(digest), 0o644),
	); err != nil {
		t.Fatal(err)
	}
}

// TestReplay_HasEveryKindOfEvent: an event that no log of this version holds could change its meaning unseen.
func TestReplay_HasEveryKindOfEvent(t *testing.T) {
	logs, err := filepath.Glob(logVersion + "/*.log")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[protoreflect.Name]bool{}
	kinds := (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact")
	for _, file := range logs {
		for _, record := range readLog(t, file) {
			for _, event := range record.GetEvents() {
				seen[event.ProtoReflect().WhichOneof(kinds).Name()] = true
			}
		}
	}
	for i := range kinds.Fields().Len() {
		if kind := kinds.Fields().Get(i).Name(); !seen[kind] {
			t.Errorf("no log of %s holds %s: tell a story in which it happens, and raise the log version",
				logVersion, kind)
		}
	}
}
