package command_test

import (
	"fmt"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

// add gives a label an archive with a digest of one byte.
func add(label string, digest byte) *command.AddRelease {
	return &command.AddRelease{Release: state.Release{
		Label:         label,
		Engine:        state.EngineSpark,
		EngineVersion: "3.5.1",
		Digest:        []byte{digest},
		AddedBy:       "olga",
	}}
}

func replace(label string, digest byte) *command.AddRelease {
	c := add(label, digest)
	c.Replace = true
	return c
}

// of makes an application of a release; it rests.
func of(id, release string) *command.CreateApplication {
	return create(id, auto, engine(state.EngineSpark, release))
}

func sparkOf(id, application string) *command.StartJobRun {
	return submit(id, 0, in(application), program(sparkDriver("")))
}

func TestAddRelease_ALabelsDigestNeverChangesByAccident(t *testing.T) {
	w := newWorld(t)
	w.given(add("own", 0xab))
	w.then(add("own", 0xab))
	w.then(replace("own", 0xab))
	w.refuses(add("own", 0xcd), errs.Conflict,
		"cannot add release own: the cluster has it with the SHA-256 ab, and this one has cd")
	change := replace("own", 0xcd)
	w.then(change, "ReleaseAdded")
	if row := w.view.Release("own"); row.Digest[0] != 0xcd || row.AddedBy != "olga" || len(change.Replaced) != 1 ||
		change.Replaced[0] != 0xab {
		t.Errorf("%+v replaced %x", row, change.Replaced)
	}
	w.then(replace("new", 1), "ReleaseAdded")
	w.given(of("rests", "own"))
	w.then(replace("own", 0xef), "ReleaseAdded") // nobody uses it
}

func TestAddRelease_IsNotReplacedUnderThoseWhoUseIt(t *testing.T) {
	for name, c := range map[string]struct {
		given []decision
		said  string
	}{
		"a run that waits": {[]decision{sparkOf("run", "x")}, "job run run of application x"},
		"a started application": {
			[]decision{&command.StartApplication{ApplicationID: "x"}}, "application x, which is STARTED",
		},
		"a run that has a worker": {
			[]decision{sparkOf("run", "x"), place("run", 1, "n1")}, "job run run of application x",
		},
	} {
		w := newWorld(t)
		w.given(add("own", 1), add("other", 1), of("x", "own"))
		w.given(c.given...)
		before := w.view.Release("own")
		w.refuses(replace("own", 2), errs.WrongState, c.said)
		w.refuses(add("own", 2), errs.Conflict, "own")
		w.then(replace("other", 2), "ReleaseAdded")
		if w.view.Release("own") != before {
			t.Errorf("%s: %+v", name, w.view.Release("own"))
		}
	}
}

func TestAddRelease_PreinitialisedWorkersUseIt(t *testing.T) {
	w := newWorld(t)
	small := state.Size{Vector: gib(1, 2, 20), Disk: resource.DiskStandard}
	w.given(add("own", 1), create("x", engine(state.EngineSpark, "own"), holding("Driver", 1, small)),
		&command.StartApplication{ApplicationID: "x"},
		&command.ReserveSlots{
			ApplicationID: "x",
			Type:          state.TypeDriver,
			Shares:        []command.Share{{Node: "n1", Count: 1}},
		})
	w.refuses(replace("own", 2), errs.WrongState, "the pre-initialised workers of application x")
}

// Nodes may hold a release of the table themselves. What runs on that is not given another one; what waits for it is.
func TestAddRelease_FirstArchiveComesUnderNobodyWhoRuns(t *testing.T) {
	w := newWorld(t)
	w.given(of("x", "emr-7.2.0"), sparkOf("run", "x"))
	if _, err := w.when(add("emr-7.2.0", 1)); err != nil {
		t.Errorf("a run that waits for the release keeps it away: %v", err)
	}
	w.given(place("run", 1, "n1"))
	w.refuses(add("emr-7.2.0", 1), errs.WrongState, "job run run of application x")
	w.refuses(replace("emr-7.2.0", 1), errs.WrongState, "its nodes hold it themselves")
}

func TestAddRelease_NamesAsManyAsPeopleRead(t *testing.T) {
	w := newWorld(t)
	w.given(add("own", 1), of("x", "own"))
	for i := range 8 {
		w.given(sparkOf(fmt.Sprint("run", i), "x"))
	}
	w.refuses(replace("own", 2), errs.WrongState, "job run run4 of application x and 4 more")
}
