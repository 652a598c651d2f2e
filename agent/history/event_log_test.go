package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/eventlog"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// partBytes is how much servers send at once.
const partBytes = 256 << 10

// keeper is a server that keeps an event log.
type keeper struct {
	agentv1.AgentServiceClient
	folder string
	files  map[string][]byte
	old    bool // a server that sends everything, whatever is asked for
	cut    bool // it sends one byte less of each file than there is
	sent   int  // bytes
}

// FetchLog sends what is asked for.
func (k *keeper) FetchLog(
	_ context.Context, r *agentv1.FetchLogRequest, _ ...grpc.CallOption,
) (grpc.ServerStreamingClient[agentv1.FetchLogResponse], error) {
	answer := &sending{}
	for name, content := range k.files {
		switch path := k.folder + "/" + name; {
		case r.GetSizes() && !k.old:
			answer.parts = append(answer.parts, &agentv1.FetchLogResponse{Path: path, Size: int64(len(content))})
		case k.old || len(r.GetFiles()) == 0 || slices.Contains(r.GetFiles(), name):
			if k.cut {
				content = content[:len(content)-1]
			}
			k.sent += len(content)
			answer.parts = append(answer.parts, partsOf(path, content)...)
		}
	}
	return answer, nil
}

// partsOf cuts a file as servers do.
func partsOf(path string, left []byte) (parts []*agentv1.FetchLogResponse) {
	for first := true; first || len(left) > 0; first = false {
		part := left[:min(len(left), partBytes)]
		left = left[len(part):]
		parts = append(parts, &agentv1.FetchLogResponse{Path: path, Data: part})
	}
	return parts
}

// Addresses and Client make it all the servers of a cluster.
func (k *keeper) Addresses() []string                               { return []string{"s1"} }
func (k *keeper) Client(string) (agentv1.AgentServiceClient, error) { return k, nil }

// sending is a stream of parts.
type sending struct {
	grpc.ClientStream
	parts []*agentv1.FetchLogResponse
}

func (s *sending) Recv() (*agentv1.FetchLogResponse, error) {
	if len(s.parts) == 0 {
		return nil, io.EOF
	}
	next := s.parts[0]
	s.parts = s.parts[1:]
	return next, nil
}

// eventLogOf is an event log that servers keep.
func eventLogOf(t *testing.T, k *keeper) *eventLog {
	t.Helper()
	e := &eventLog{
		config: Config{Servers: k},
		from: &agentv1.History{
			Folder:          k.folder,
			JobRunId:        "r",
			Attempt:         1,
			LogUri:          shipping.OnServers,
			DriverStartedAt: timestamppb.New(time.UnixMilli(1234)),
		},
		grant:  func() string { return "" },
		home:   &runtime.Home{},
		folder: filepath.Join(t.TempDir(), "events"),
		bounds: eventlog.Usual(),
	}
	if err := os.Mkdir(e.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return e
}

// keeperOf keeps files of these sizes in a folder.
func keeperOf(files map[string]int) *keeper {
	k := &keeper{folder: "applications/a/jobs/r/sparklogs", files: map[string][]byte{}}
	for file, size := range files {
		k.files[file] = contentOf(file, size)
	}
	return k
}

// contentOf is a content that no other file has.
func contentOf(file string, size int) []byte {
	line := []byte(fmt.Sprintf("an event of %s\n", file))
	return bytes.Repeat(line, size/len(line)+1)[:size]
}

// shownIn returns the files of an event log where it is shown, without the folder that all have.
func shownIn(t *testing.T, e *eventLog) (names []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(e.folder, "eventlog_v2_r_1", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		names = append(names, filepath.Base(name))
	}
	return names
}

// An event log is as long as users' are: of many parts, in one file or in several that follow one another.
func TestB_EventLogsOfManyPartsAreKeptWhole(t *testing.T) {
	for name, files := range map[string]map[string]int{
		"1 MB":   {"eventlog": 1 << 20},
		"50 MB":  {"eventlog": 50<<20 + 1},
		"rolled": {"eventlog_v2_r/events_1_r": 3 << 20, "eventlog_v2_r/events_2_r": 5, "eventlog_v2_r/appstatus_r": 0},
	} {
		for _, old := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, from an old server: %v", name, old), func(t *testing.T) {
				k := keeperOf(files)
				k.old = old
				e := eventLogOf(t, k)
				if complete, err := e.fetch(t.Context()); err != nil || !complete || e.note != "" {
					t.Errorf("the event log is complete: %v, %v; it says %q", complete, err, e.note)
				}
				for file, size := range files {
					kept, err := os.ReadFile(filepath.Join(e.folder, file))
					if err != nil || !bytes.Equal(kept, contentOf(file, size)) {
						t.Errorf("%s has %d of %d bytes: %v", file, len(kept), size, err)
					}
				}
			})
		}
	}
}

// rolled is an event log of so many parts of 1,000 bytes each, and its mark.
func rolled(from, to int) map[string]int {
	files := map[string]int{"eventlog_v2_r_1/appstatus_r_1.inprogress": 1}
	for i := from; i <= to; i++ {
		files[fmt.Sprintf("eventlog_v2_r_1/events_%d_r_1", i)] = 1000
	}
	return files
}

// A history that is too large is made of the first file and the newest, and says so. It follows the log as it grows.
func TestA10_AHistoryIsMadeOfItsFirstAndNewestFiles(t *testing.T) {
	k := keeperOf(rolled(1, 9))
	e := eventLogOf(t, k)
	e.bounds = eventlog.Bounds{Bytes: 3500, Files: 100}
	complete, err := e.fetch(t.Context())
	want := "[appstatus_r_1.inprogress events_7_r_1.compact events_8_r_1 events_9_r_1]"
	if got := fmt.Sprint(shownIn(t, e)); err != nil || complete || got != want {
		t.Fatalf("shown are %s, want %s: %v", got, want, err)
	}
	first, err := os.ReadFile(filepath.Join(e.folder, "eventlog_v2_r_1", "events_7_r_1.compact"))
	if err != nil || !bytes.Equal(first, k.files["eventlog_v2_r_1/events_1_r_1"]) {
		t.Errorf("the first one has %d bytes, %v", len(first), err)
	}
	if k.sent != 3001 || !strings.Contains(e.note, "not whole") {
		t.Errorf("%d bytes were fetched; it says %q", k.sent, e.note)
	}
	if _, err := e.fetch(t.Context()); err != nil || k.sent != 3001 {
		t.Errorf("nothing is new, and %d bytes were fetched, %v", k.sent, err)
	}
	k.files["eventlog_v2_r_1/events_10_r_1"] = contentOf("ten", 1000)
	_, err = e.fetch(t.Context())
	want = "[appstatus_r_1.inprogress events_10_r_1 events_8_r_1.compact events_9_r_1]"
	if got := fmt.Sprint(shownIn(t, e)); err != nil || got != want || k.sent != 5001 {
		t.Errorf("shown are %s, want %s; %d bytes were fetched, %v", got, want, k.sent, err)
	}
}

// The first files of a stream are kept for a month, and it goes on for longer.
func TestA10_AHistoryWithoutItsFirstFileSaysWhoWroteIt(t *testing.T) {
	e := eventLogOf(t, keeperOf(rolled(7, 9)))
	if _, err := e.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	head, err := os.ReadFile(filepath.Join(e.folder, "eventlog_v2_r_1", "events_6_r_1.compact"))
	want := environment + `{"Event":"SparkListenerApplicationStart","App Name":"job run r","App ID":"r",` +
		`"Timestamp":1234,"User":"not kept","App Attempt ID":"1"}` + "\n"
	if err != nil || string(head) != want {
		t.Errorf("it begins with %s, %v", head, err)
	}
	if !strings.Contains(e.note, "the newest 3 files") || !strings.Contains(e.note, "happened before them") {
		t.Errorf("it says %q", e.note)
	}
}

// A file that grows while it is fetched is kept as it was listed: the bounds hold.
func TestA10_WhatGrowsWhileItIsFetchedStaysWithinBounds(t *testing.T) {
	folder := t.TempDir()
	files := &eventFiles{
		home:   &runtime.Home{},
		folder: folder,
		copies: map[string]eventlog.Copy{"a": {File: eventlog.File{Name: "a", Size: 3}, As: "b"}},
		has:    map[string]int64{},
	}
	for _, part := range []string{"12", "34", "56"} {
		if err := files.write("a", []byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.close(nil); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(filepath.Join(folder, "b")); err != nil || string(kept) != "123" || files.has["b"] != 3 {
		t.Errorf("kept is %q, noted are %v, %v", kept, files.has, err)
	}
}

// A file of which a server sends less than there is, such as one that is being stopped, is asked for again, although
// nothing is new where the log is kept: until then the history is not complete.
func TestB_WhatWasNotReceivedWholeIsAskedForAgain(t *testing.T) {
	k := keeperOf(map[string]int{"eventlog_v2_r/events_1_r": 1000, "eventlog_v2_r/appstatus_r": 1})
	k.cut = true
	e := eventLogOf(t, k)
	if complete, err := e.fetch(t.Context()); err != nil || complete {
		t.Errorf("half of a log is complete: %v, %v", complete, err)
	}
	k.cut = false
	if complete, err := e.fetch(t.Context()); err != nil || !complete {
		t.Errorf("all of it is here, and complete is %v, %v", complete, err)
	}
	kept, err := os.ReadFile(filepath.Join(e.folder, "eventlog_v2_r", "events_1_r"))
	if err != nil || !bytes.Equal(kept, k.files["eventlog_v2_r/events_1_r"]) {
		t.Errorf("kept are %d bytes, %v", len(kept), err)
	}
	sent := k.sent
	if _, err := e.fetch(t.Context()); err != nil || k.sent != sent {
		t.Errorf("nothing is lacking, and %d bytes were sent, %v", k.sent-sent, err)
	}
}

// A server of an earlier version sends the whole log whatever is asked for: it is asked once, not for each few files.
func TestB_AnOldServerIsAskedOnceForALongLog(t *testing.T) {
	k := keeperOf(rolled(1, 3*maxNamed))
	k.old = true
	e := eventLogOf(t, k)
	_, err := e.fetch(t.Context())
	if whole := 3*maxNamed*1000 + 1; err != nil || k.sent != 2*whole { // to list it, and to bring it
		t.Errorf("of %d bytes %d were sent, %v", whole, k.sent, err)
	}
	if shown := shownIn(t, e); len(shown) != 3*maxNamed+1 {
		t.Errorf("%d files are shown", len(shown))
	}
}

// The bound holds for all of a log, in however many portions it is brought, and before anything is.
func TestB_FilesAndFoldersOfAnEventLogAreBoundedTogether(t *testing.T) {
	files := map[string]int{}
	for i := range maxEventFiles/2 + 1 {
		files[fmt.Sprintf("folder-%d/log", i)] = 1
	}
	k := keeperOf(files)
	e := eventLogOf(t, k)
	if _, err := e.fetch(t.Context()); !errs.Is(err, errs.TooLarge) || !strings.Contains(err.Error(), "10002 files") {
		t.Errorf("%v", err)
	}
	if k.sent != 0 {
		t.Errorf("%d bytes were brought", k.sent)
	}
}

// Files count with the folders that they are in, each folder once.
func TestCheckRoom_CountsFilesAndFolders(t *testing.T) {
	for files, ok := range map[int]bool{maxEventFiles - 2: true, maxEventFiles - 1: false} {
		shown := eventlog.Shown{Headless: []string{"a/b/head"}}
		for i := range files - 1 {
			shown.Copies = append(shown.Copies, eventlog.Copy{As: fmt.Sprintf("a/b/%d", i)})
		}
		if err := checkRoom(shown); (err == nil) != ok {
			t.Errorf("%d files in two folders: %v", files, err)
		}
	}
}

// Nothing is removed but what is in the folder, whatever names are said.
func TestB_NothingOutsideOfTheEventLogIsRemoved(t *testing.T) {
	e := eventLogOf(t, keeperOf(nil))
	outside := filepath.Join(filepath.Dir(e.folder), "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e.has = map[string]int64{"../outside": 0}
	if err := e.settle(eventlog.Shown{}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

// A log whose mark comes late had one of ours until then: it has one mark all the time.
func TestB_AnEventLogHasOneMark(t *testing.T) {
	k := keeperOf(map[string]int{"eventlog_v2_r_1/events_1_r_1": 1000})
	e := eventLogOf(t, k)
	want := "[appstatus_r_1.inprogress events_1_r_1]"
	if complete, err := e.fetch(t.Context()); err != nil || complete || fmt.Sprint(shownIn(t, e)) != want {
		t.Errorf("shown are %v, not %s: %v, %v", shownIn(t, e), want, complete, err)
	}
	k.files["eventlog_v2_r_1/appstatus_r_1"] = []byte("\n")
	want = "[appstatus_r_1 events_1_r_1]"
	if complete, err := e.fetch(t.Context()); err != nil || !complete || fmt.Sprint(shownIn(t, e)) != want {
		t.Errorf("shown are %v, not %s: %v, %v", shownIn(t, e), want, complete, err)
	}
}

// In a directory that machines share the same files are chosen.
func TestA10_AHistoryInADirectoryIsMadeOfItsFirstAndNewestFiles(t *testing.T) {
	e := eventLogOf(t, keeperOf(nil))
	shared := t.TempDir()
	for name, size := range rolled(1, 9) {
		path := filepath.Join(shared, e.from.GetFolder(), name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, contentOf(name, size), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	e.from.LogUri = "file://" + shared
	e.from.LogManaged = true
	e.bounds = eventlog.Bounds{Bytes: 3500, Files: 100}
	want := "[appstatus_r_1.inprogress events_7_r_1.compact events_8_r_1 events_9_r_1]"
	if _, err := e.fetch(t.Context()); err != nil || fmt.Sprint(shownIn(t, e)) != want || e.note == "" {
		t.Errorf("shown are %v, want %s: %v", shownIn(t, e), want, err)
	}
}
