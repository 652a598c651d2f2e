package command

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// AddRelease says that the servers' cache has a release's archive.
type AddRelease struct {
	Release state.Release // with the user who adds it
	Replace bool          // the label may have another archive

	Replaced []byte // the result: the digest of the archive that this one replaced; nil: none
}

// Decide gives the label its archive; the same archive again changes nothing.
func (c *AddRelease) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	c.Replaced = nil
	if c.has(view) {
		return nil, nil
	}
	if err := c.Check(view, meta.Limits); err != nil {
		return nil, err
	}
	if old := view.Release(c.Release.Label); old != nil {
		c.Replaced = old.Digest
	}
	d := draft(view, meta)
	d.Add(&eventv1.ReleaseAdded{
		Label:          c.Release.Label,
		Engine:         specv1.Engine(c.Release.Engine),
		EngineVersion:  c.Release.EngineVersion,
		Digest:         c.Release.Digest,
		SizeBytes:      c.Release.SizeBytes,
		AddedBy:        c.Release.AddedBy,
		ReplacedDigest: c.Replaced,
	})
	return d.Events(), nil
}

// has says whether the label has just this archive.
func (c *AddRelease) has(view *state.View) bool {
	old := view.Release(c.Release.Label)
	return old != nil && bytes.Equal(old.Digest, c.Release.Digest)
}

// Check holds that the meaning of a label does not change by accident, nor for anybody who uses it. It is called before
// an upload, which may be large, and again by the decision.
func (c *AddRelease) Check(view *state.View, limits Limits) error {
	if c.has(view) {
		return nil
	}
	if old := view.Release(c.Release.Label); old != nil {
		return c.checkReplaced(view, old)
	}
	return c.checkNew(view, limits)
}

// checkNew holds that there is room for one more label, and that nothing runs yet on what nodes hold under it.
func (c *AddRelease) checkNew(view *state.View, limits Limits) error {
	label := c.Release.Label
	if n := view.CountReleases(); n >= limits.Releases {
		return errs.New(errs.TooLarge, "cannot add release %s: there are %d, and the most is %d",
			label, n, limits.Releases)
	}
	if users := holders(view, label); len(users) > 0 {
		return errs.New(errs.WrongState,
			"cannot add release %s: its nodes hold it themselves, and with the servers' archive it would become "+
				"another one under %s; wait until they end, stop them, or give another label",
			label, named(users))
	}
	return nil
}

// checkReplaced holds that the archive of a label is to be replaced, and that nothing uses it.
func (c *AddRelease) checkReplaced(view *state.View, old *state.Release) error {
	label := c.Release.Label
	if !c.Replace {
		return errs.New(errs.Conflict,
			"cannot add release %s: the cluster has it with the SHA-256 %x, and this one has %x; give another label, "+
				"or replace it (`headrace release add --replace`)",
			label, old.Digest, c.Release.Digest)
	}
	if users := append(holders(view, label), waiting(view, label)...); len(users) > 0 {
		return errs.New(errs.WrongState,
			"cannot replace release %s: it is used by %s; wait until they end or cancel them, and stop its "+
				"applications first",
			label, named(users))
	}
	return nil
}

// holders names what holds slots on nodes for a release: job runs, and applications with pre-initialised workers.
func holders(view *state.View, label string) (names []string) {
	seen := map[string]bool{}
	for slot := range view.Slots() {
		release := view.Application(slot.Application).Release
		name := "the pre-initialised workers of application " + slot.Application
		if w := view.Worker(slot.Worker); w != nil {
			release = view.JobRun(w.Run).Release
			name = nameOfRun(view.JobRun(w.Run))
		}
		if release == label && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// waiting names what relies on a release without holding anything: unfinished job runs without workers, and
// applications that are not at rest.
func waiting(view *state.View, label string) (names []string) {
	for run := range view.Unfinished("") {
		if run.Release == label && !hasWorkers(view, run) {
			names = append(names, nameOfRun(run))
		}
	}
	for application := range view.Applications("") {
		active := application.Prepares() || application.State == state.ApplicationStopping
		if application.Release == label && active {
			names = append(names, fmt.Sprintf("application %s, which is %s", application.ID, application.State))
		}
	}
	return names
}

func hasWorkers(view *state.View, run *state.JobRun) bool {
	for range view.LiveWorkersOfRun(run.ID) {
		return true
	}
	return false
}

func nameOfRun(run *state.JobRun) string {
	return fmt.Sprintf("job run %s of application %s", run.ID, run.Application)
}

// maxNamed bounds the users of a release that a refusal names.
const maxNamed = 5

// named joins names, as many of them as people read.
func named(names []string) string {
	text := strings.Join(names[:min(len(names), maxNamed)], ", ")
	if more := len(names) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
