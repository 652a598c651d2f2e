package fsm_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
)

// TestSnapshot_IsTheSameStateAfterAnyCommands draws commands, most of which make sense, and restores a snapshot
// somewhere among them: the restored state has the same text and digest, keeps all invariants, and takes the following
// records the same way.
func TestSnapshot_IsTheSameStateAfterAnyCommands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newTeller(t)
		for _, line := range []string{
			"init", "node n1 zone=a cpu=8 mem=32 disk=200", "node n2 zone=a cpu=4 mem=16 disk=100",
			"create app auto cpu=13 runs=2 queue=30 drivers=1 workers=1 logs",
			"submit run app tasks=2 attempts=3 retries=1",
			"reserve app DRIVER n1*1", "reserve app TASK n1*1", "ready w002 w003",
		} {
			s.do(line)
		}
		steps := rapid.SliceOfN(rapid.Custom(drawCommand), 1, 40).Draw(rt, "commands")
		cut := rapid.IntRange(0, len(steps)).Draw(rt, "cut")
		tellAll(s, steps[:cut])
		restored := restore(t, s.machine.View())
		sameState(t, s.machine.View(), restored.View())
		from := len(s.records)
		tellAll(s, steps[cut:])
		for _, record := range s.records[from:] {
			if !restored.Apply(encoded(t, record)) {
				rt.Fatalf("record %d is void on the restored state", record.GetSequence())
			}
		}
		sameState(t, s.machine.View(), restored.View())
	})
}

func tellAll(s *teller, lines []string) {
	for _, line := range lines {
		s.do(line)
	}
}

// drawCommand draws a line of a story.
func drawCommand(t *rapid.T) string {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "word") }
	run := pick("run", "run", "r2", "r3")
	node := pick("n1", "n2", "n3")
	line := pick("submit RUN app tasks=N retries=1 attempts=N", "submit RUN app keep token=RUN",
		"submit RUN app priority=N", "evict RUN SLOT",
		"place RUN driver=NODE NODE*N", "place RUN driver=n1 n2*N", "place RUN NODE*1", "running RUN/0",
		"running RUN/N", "exit RUN/0", "exit RUN/0 code=1", "exit RUN/N reason=STOPPED", "exit RUN/N code=9",
		"exit RUN/N reason=START_REFUSED", "cancel RUN", "lose NODE", "forget NODE", "steps bytes=1", "steps",
		"finish-stop app", "fail RUN attempt=N message=no", "node NODE zone=a cpu=4 mem=16 disk=100",
		"node NODE zone=a cpu=2 mem=8 disk=50 empty", "stop app force", "start app", "wait 20m", "expire RUN",
		"idle app", "release emr-7.2.0 digest=N", "exit RUN/0 reason=STOPPED", "place RUN driver=NODE",
		"place RUN driver=NODE NODE*N", "reserve app DRIVER NODE*1", "reserve app TASK NODE*1", "ready SLOT",
		"ready SLOT SLOT", "ready SLOT message=no", "place RUN driver=NODE slot=SLOT",
		"place RUN driver=NODE slot=SLOT slots=SLOT", "place RUN slots=SLOT", "update app weight=N priority=N", "tag app k=N",
		"tag app RUN k=N", "untag app RUN keys=k", "wait 61m", "archive", "archive most=1", "drop-history")
	for strings.Contains(line, "SLOT") {
		line = strings.Replace(line, "SLOT", pick("w002", "w003", "w004", "w005"), 1)
	}
	return strings.NewReplacer("RUN", run, "NODE", node, "N", pick("1", "2", "3")).Replace(line)
}

func restore(t testing.TB, view *state.View) *fsm.Machine {
	t.Helper()
	machine := fsm.New()
	if err := machine.Restore(bytes.NewReader(snapshot(t, view))); err != nil {
		t.Fatal(err)
	}
	return machine
}

func snapshot(t testing.TB, view *state.View) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := fsm.WriteSnapshot(&file, view); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func sameState(t testing.TB, want, got *state.View) {
	t.Helper()
	if err := got.Check(); err != nil {
		t.Fatal(err)
	}
	if a, b := dump(t, want), dump(t, got); a != b || fsm.Digest(want) != fsm.Digest(got) {
		t.Fatalf("the states differ:\n%s\n%s", a, b)
	}
}

// TestSnapshot_OfEveryStory restores the end of every story: rows of all kinds, with all that a row can hold.
func TestSnapshot_OfEveryStory(t *testing.T) {
	for _, file := range stories(t) {
		s := told(t, file)
		sameState(t, s.machine.View(), restore(t, s.machine.View()).View())
	}
}

// told returns a teller that has told a story.
func told(t testing.TB, file string) *teller {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := newTeller(t)
	tell(s, string(text))
	return s
}

func TestReadSnapshot_RefusesWhatIsTorn(t *testing.T) {
	view := told(t, "testdata/keep_on_disconnect.txt").machine.View()
	whole := snapshot(t, view)
	for length := range len(whole) {
		machine := fsm.New()
		if err := machine.Restore(bytes.NewReader(whole[:length])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("the first %d of %d bytes give %v", length, len(whole), err)
		}
		if machine.View().Sequence != 0 {
			t.Fatalf("the first %d bytes changed the machine", length)
		}
	}
}

func TestReadSnapshot_RefusesANewerVersionAndWhatHasNoHeader(t *testing.T) {
	for name, file := range map[string][]byte{"version 2": {4, 10, 2, 8, 2}, "no header": {2, 18, 0}} {
		if _, err := fsm.ReadSnapshot(bytes.NewReader(file)); err == nil {
			t.Errorf("a snapshot with %s was read", name)
		}
	}
}
