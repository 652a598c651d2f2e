package shipping

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/guest"
)

// rolling is a rolling event log, as Spark writes one.
type rolling struct {
	*world
	folder string
	parts  int
}

const partOfLog = 10 << 10

// roll lets Spark end a part and begin the next one.
func (r *rolling) roll() {
	r.parts++
	content := bytes.Repeat([]byte(fmt.Sprintf("%d\n", r.parts)), partOfLog)[:partOfLog]
	if err := os.WriteFile(r.part(r.parts), content, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rolling) part(index int) string {
	return filepath.Join(r.folder, fmt.Sprintf("events_%d_r_1", index))
}

// here returns the indexes of the parts on the node.
func (r *rolling) here() (indexes []int) {
	for i := 1; i <= r.parts; i++ {
		if _, err := os.Stat(r.part(i)); err == nil {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// there returns how many of the parts have all their bytes on servers, from the first one on.
func (r *rolling) there() (whole int) {
	for i := 1; i <= r.parts; i++ {
		content, _ := r.servers.best(fmt.Sprintf("%s/eventlog_v2_r_1/events_%d_r_1", r.shipment.EventFolder, i))
		if !bytes.Equal(content, bytes.Repeat([]byte(fmt.Sprintf("%d\n", i)), partOfLog)[:partOfLog]) {
			return whole
		}
		whole++
	}
	return whole
}

// newRolling returns an event log without parts of which so many stay.
func newRolling(t *testing.T, kept int, destinations ...Destination) *rolling {
	t.Helper()
	w := newWorld(t, t.TempDir())
	w.shipment.Worker = "w2"
	w.shipment.KeptEvents = kept
	w.shipment.Destinations = destinations
	if err := w.shipper.Add(w.shipment); err != nil {
		t.Fatal(err)
	}
	r := &rolling{world: w, folder: filepath.Join(w.events(), "eventlog_v2_r_1")}
	if err := os.Mkdir(r.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.folder, "appstatus_r_1.inprogress"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.settle() // only w2's shipment goes on
	return r
}

// settle forgets the shipment that a world has by itself, of the same event log.
func (r *rolling) settle() {
	r.shipper.settle(r.shipper.tasks["w1"], true)
}

var onServers = Destination{URI: OnServers, EventLogs: true}

// A stream writes its event log for ever: its node keeps the newest files, and the destination gets all.
func TestA10_ANodeKeepsTheNewestFilesOfARollingEventLog(t *testing.T) {
	for name, c := range map[string]struct{ said, kept int }{
		"as many as usual":     {said: 0, kept: usualKeptEvents},
		"as many as a run has": {said: 3, kept: 3},
		"the one that grows":   {said: 1, kept: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRolling(t, c.said, onServers)
			for range 100 {
				r.roll()
				r.tick()
				if here := r.here(); len(here) > c.kept || here[len(here)-1] != r.parts {
					t.Fatalf("after %d files, these are on the node: %v", r.parts, here)
				}
			}
			if whole := r.there(); whole != r.parts {
				t.Errorf("of %d files the servers have %d", r.parts, whole)
			}
			used, err := guest.Measure(r.events())
			if most := int64(c.kept+1) * (partOfLog + 4096); err != nil || used > most {
				t.Errorf("the driver's disk has %d bytes of it, more than %d: %v", used, most, err)
			}
			if task := r.shipper.tasks["w2"]; len(task.taken) > c.kept || len(task.events[0].(*disks).sizes) > 2*c.kept {
				t.Errorf("%d names are remembered, and %d sizes", len(task.taken), len(task.events[0].(*disks).sizes))
			}
		})
	}
}

// A stream has more files in the end than are taken at once.
func TestA10_AStreamHasAnyNumberOfFiles(t *testing.T) {
	r := newRolling(t, 2, onServers)
	task := r.shipper.tasks["w2"]
	task.taken = map[string]bool{}
	for i := range maxEvents - 3 {
		task.taken[fmt.Sprint(i)] = true
	}
	for range 20 {
		r.roll()
		r.tick()
	}
	if whole := r.there(); whole != r.parts {
		t.Errorf("of %d files the servers have %d", r.parts, whole)
	}
}

// What a destination lacks stays, and goes once it has it.
func TestA10_AFileStaysUntilEveryDestinationHasIt(t *testing.T) {
	r := newRolling(t, 2, onServers)
	r.servers.down = map[string]bool{"s1": true, "s2": true, "s3": true}
	for range 5 {
		r.roll()
		r.tick()
	}
	if here := r.here(); len(here) != 5 {
		t.Errorf("nobody has the files, and on the node are %v", here)
	}
	r.servers.down = nil
	r.tick()
	if here := r.here(); len(here) != 2 || r.there() != 5 {
		t.Errorf("on the node are %v, on servers the first %d", here, r.there())
	}
}

// One of two destinations that refuses keeps the files.
func TestA10_AFileStaysWhileOneDestinationLacksIt(t *testing.T) {
	r := newRolling(t, 2, onServers)
	task := r.shipper.tasks["w2"]
	task.events = append(task.events, refusing{})
	for range 5 {
		r.roll()
		r.tick()
	}
	if here := r.here(); len(here) != 5 || r.there() != 5 {
		t.Errorf("on the node are %v, on servers the first %d", here, r.there())
	}
}

// A destination that takes nothing for long does not end a stream by filling its disk: the oldest files are given up,
// and the agent's log says so.
func TestA10_WhatWaitsForADestinationIsBounded(t *testing.T) {
	r := newRolling(t, 2, onServers)
	r.servers.down = map[string]bool{"s1": true, "s2": true, "s3": true}
	task := r.shipper.tasks["w2"]
	task.maxWaiting = 3 * partOfLog
	var told error
	for range 10 {
		r.roll()
		_, told = task.ship(t.Context())
	}
	if here := r.here(); fmt.Sprint(here) != "[6 7 8 9 10]" {
		t.Errorf("on the node are %v", here)
	}
	const loss = "5 files of the event log are given up by now"
	if told == nil || !strings.Contains(told.Error(), loss) {
		t.Errorf("it is told as %v", told)
	}
	if _, told = task.ship(t.Context()); !strings.Contains(told.Error(), loss) {
		t.Errorf("nobody was told, and it is forgotten: %v", told)
	}
	r.shipper.tell(task, told, false)
	if _, told = task.ship(t.Context()); strings.Contains(told.Error(), "given up") {
		t.Errorf("it is told twice: %v", told)
	}
}

// What could not be removed is there, and counts not as given up, however often that is tried.
func TestA10_WhatCannotBeRemovedIsNotGivenUp(t *testing.T) {
	r := newRolling(t, 2, onServers)
	task := r.shipper.tasks["w2"]
	task.maxWaiting = 0
	if err := os.MkdirAll(filepath.Join(r.part(1), "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(task.Work, r.part(1))
	if err != nil {
		t.Fatal(err)
	}
	work, err := task.User.Folder(task.Work)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = work.Close() }()
	if err := task.trim(work, []*eventFile{{name: name}}, &brought{}); err == nil || task.lost != 0 {
		t.Errorf("%d files are given up: %v", task.lost, err)
	}
}

// An event log that is taken nowhere is nobody's to read but its driver's.
func TestA10_AnEventLogThatIsTakenNowhereIsBounded(t *testing.T) {
	r := newRolling(t, 2)
	for range 10 {
		r.roll()
		r.tick()
	}
	if here := r.here(); fmt.Sprint(here) != "[9 10]" {
		t.Errorf("on the node are %v", here)
	}
}

// An agent that begins anew knows neither what it took nor what it removed.
func TestA10_AnAgentThatBeginsAnewGoesOn(t *testing.T) {
	r := newRolling(t, 2, onServers)
	for range 30 {
		r.roll()
		if r.parts%3 == 0 {
			r.restart()
		}
		r.tick()
	}
	if here := r.here(); len(here) != 2 || r.there() != 30 {
		t.Errorf("on the node are %v, on servers the first %d", here, r.there())
	}
}

// A part that grew between being brought and being looked at again is not removed: Spark writes what is left of it, and
// then begins the next one.
func TestA10_APartThatGrewSinceStays(t *testing.T) {
	r := newRolling(t, 1, onServers)
	r.roll()
	task := r.shipper.tasks["w2"]
	b := &brought{sizes: map[string]int64{}, times: map[string]int{}}
	b.note(filepath.Join(r.shipment.Events, "eventlog_v2_r_1", "events_1_r_1"), partOfLog-5)
	r.roll()
	work, err := task.User.Folder(task.Work)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = work.Close() }()
	files, err := task.eventFiles(work)
	if err != nil || task.trimEvents(work, files, b) != nil || len(r.here()) != 2 {
		t.Errorf("on the node are %v, %v", r.here(), err)
	}
}

// Other files of a driver's stay, whatever they are called.
func TestA10_OnlyPartsOfEventLogsAreRemoved(t *testing.T) {
	r := newRolling(t, 1, onServers)
	others := []string{"events_1_r_1", "eventlog_v2_r_1/other_1_r", "eventlog_v2_r_1/events_x_r_1", "single_log"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(r.events(), name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		r.roll()
		r.tick()
	}
	for _, name := range append(others, "eventlog_v2_r_1/appstatus_r_1.inprogress") {
		if _, err := os.Stat(filepath.Join(r.events(), name)); err != nil {
			t.Error(err)
		}
	}
	if here := r.here(); fmt.Sprint(here) != "[3]" {
		t.Errorf("on the node are %v", here)
	}
}
