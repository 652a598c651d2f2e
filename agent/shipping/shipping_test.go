package shipping

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/internal/storage"
)

// smallPart is the size of a part in these tests.
const smallPart = 1000

// fakeServers keep files as servers do: they only grow.
type fakeServers struct {
	files map[string][]byte // by server and path
	down  map[string]bool
}

func (f *fakeServers) Addresses() []string { return []string{"s1", "s2", "s3"} }

func (f *fakeServers) Store(_ context.Context, server, path string, offset int64, data []byte) (int64, error) {
	if f.down[server] {
		return 0, errors.New("connection refused")
	}
	key := server + " " + path
	if has := int64(len(f.files[key])); offset <= has && offset+int64(len(data)) > has {
		f.files[key] = append(f.files[key], data[has-offset:]...)
	}
	return int64(len(f.files[key])), nil
}

// best returns the longest copy of a file.
func (f *fakeServers) best(path string) (content []byte, copies int) {
	for _, server := range f.Addresses() {
		if has := f.files[server+" "+path]; len(has) > 0 {
			copies++
			if len(has) > len(content) {
				content = has
			}
		}
	}
	return content, copies
}

// world is a worker's log with what takes it.
type world struct {
	t        interface{ Fatal(args ...any) }
	dir      string
	servers  *fakeServers
	shipper  *Shipper
	written  bytes.Buffer
	shipment Shipment
}

func newWorld(t interface{ Fatal(args ...any) }, dir string) *world {
	w := &world{t: t, dir: dir, servers: &fakeServers{files: map[string][]byte{}, down: map[string]bool{}}}
	for _, name := range []string{"logs", "shared", "events"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.shipment = Shipment{
		Worker: "w1", Logs: filepath.Join(dir, "logs"), Folder: "applications/a/jobs/r/SPARK_DRIVER",
		Work: dir, Events: "events", EventFolder: "applications/a/jobs/r/sparklogs",
		Destinations: []Destination{
			{URI: OnServers, WorkerLogs: true, EventLogs: true},
			{URI: "file://" + filepath.Join(dir, "shared"), WorkerLogs: true},
		},
	}
	w.restart()
	return w
}

// events is the folder of event logs.
func (w *world) events() string { return filepath.Join(w.shipment.Work, w.shipment.Events) }

// restart lets an agent go on that knows only what is on disk.
func (w *world) restart() {
	s, err := New(Config{
		Dir:       filepath.Join(w.dir, "shipping"),
		Storage:   storage.New(storage.Config{}),
		Servers:   w.servers,
		PartBytes: smallPart,
		Access:    func(*guest.User) storage.Access { return storage.Access{Below: []string{w.dir}} },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.shipper = s
	if err := s.Add(w.shipment); err != nil {
		w.t.Fatal(err)
	}
}

// say lets the worker write.
func (w *world) say(text []byte) {
	file, err := os.OpenFile(filepath.Join(w.shipment.Logs, "stdout"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		w.t.Fatal(err)
	}
	w.written.Write(text)
}

// tick ships once.
func (w *world) tick() {
	for _, t := range w.shipper.idle() {
		w.shipper.ship(context.Background(), t)
	}
}

// unpacked returns what files hold one after another, decompressed, until one is missing.
func (w *world) unpacked(read func(file string) []byte) (all []byte) {
	for i := int64(0); ; i++ {
		content := read(logpath.Archived(w.shipment.Folder, "stdout", i))
		last := len(content) == 0
		if last {
			content = read(logpath.Latest(w.shipment.Folder, "stdout"))
		}
		if len(content) > 0 {
			plain, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				w.t.Fatal(err)
			}
			if last && plain.Name != fmt.Sprintf("stdout_%d", i) {
				return all // the newest file still holds the part that is archived
			}
			text, err := io.ReadAll(plain)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, text...)
		}
		if last {
			return all
		}
	}
}

func (w *world) onServers() []byte {
	return w.unpacked(func(file string) []byte { content, _ := w.servers.best(file); return content })
}

func (w *world) shared() []byte {
	return w.unpacked(func(file string) []byte {
		content, _ := os.ReadFile(filepath.Join(w.dir, "shared", file))
		return content
	})
}

// Whatever is written, in whatever steps, whichever servers fail, and however often the agent dies, even between
// staging and noting it: each sink has a beginning of it at any time, and all of it in the end.
func TestShipper_LosesAndDoublesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "shipping")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		w := newWorld(t, dir)
		t.Repeat(map[string]func(*rapid.T){
			"write":   func(t *rapid.T) { w.say(rapid.SliceOfN(rapid.Byte(), 1, 1500).Draw(t, "text")) },
			"tick":    func(*rapid.T) { w.tick() },
			"restart": func(*rapid.T) { w.restart() },
			"die half way": func(*rapid.T) {
				for _, task := range w.shipper.tasks {
					_, _ = task.streams[0].compress([]byte("staged and never noted"))
				}
				w.restart()
			},
			"server": func(t *rapid.T) {
				server := rapid.SampledFrom(w.servers.Addresses()).Draw(t, "server")
				w.servers.down[server] = !w.servers.down[server]
			},
			"": func(t *rapid.T) {
				for sink, has := range map[string][]byte{"servers": w.onServers(), "shared": w.shared()} {
					if !bytes.HasPrefix(w.written.Bytes(), has) {
						t.Fatalf("%s have %d bytes that are no beginning of the %d that were written", sink, len(has), w.written.Len())
					}
				}
			},
		})
		w.servers.down = map[string]bool{}
		w.shipper.End("w1")
		for range 5 {
			w.tick()
		}
		if w.shipper.Holds("w1") || !bytes.Equal(w.onServers(), w.written.Bytes()) ||
			!bytes.Equal(w.shared(), w.written.Bytes()) {
			t.Fatalf("of %d bytes the servers have %d, the directory %d; still held: %v",
				w.written.Len(), len(w.onServers()), len(w.shared()), w.shipper.Holds("w1"))
		}
	})
}

func TestShipper_KeepsEveryFileOnTwoServers(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.say(bytes.Repeat([]byte("x"), 2500))
	w.tick()
	for i := range int64(3) {
		if _, copies := w.servers.best(logpath.Archived(w.shipment.Folder, "stdout", i)); copies != 2 {
			t.Errorf("part %d is on %d servers", i, copies)
		}
	}
}

// A server that does not answer is tried for a while; then another one gets all that is not on two others yet.
func TestShipper_ReplacesAServerThatIsDown(t *testing.T) {
	w := newWorld(t, t.TempDir())
	name := logpath.Archived(w.shipment.Folder, "stdout", 0)
	first := rank(w.servers.Addresses(), name)[0]
	w.servers.down[first] = true
	w.say([]byte("hello"))
	w.tick()
	if _, copies := w.servers.best(name); copies != 1 {
		t.Fatalf("it is on %d servers, want on the one that answers", copies)
	}
	w.shipper.health.failing[first] = time.Now().Add(-2 * downAfter)
	w.tick()
	if content, copies := w.servers.best(name); copies != 2 || len(content) == 0 {
		t.Errorf("it is on %d servers, want on the two that answer", copies)
	}
}

// Spark's event log goes as it is; the mark that it is unfinished only when nobody will take it away.
func TestShipper_TakesEventLogs(t *testing.T) {
	w := newWorld(t, t.TempDir())
	log := filepath.Join(w.events(), "eventlog_v2_r")
	put := func(name, text string) {
		t.Helper()
		err := errors.Join(os.MkdirAll(log, 0o700), os.WriteFile(filepath.Join(log, name), []byte(text), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	stored := func(name string) string {
		content, _ := w.servers.best(w.shipment.EventFolder + "/eventlog_v2_r/" + name)
		return string(content)
	}
	put("appstatus_r.inprogress", "")
	put("events_1_r", "")
	w.tick() // Spark has made the file and written nothing yet
	put("events_1_r", "one\n")
	w.tick()
	put("events_1_r", "one\ntwo\n")
	w.tick()
	if stored("events_1_r") != "one\ntwo\n" || stored("appstatus_r.inprogress") != "" {
		t.Errorf("stored is %q, and the mark %q", stored("events_1_r"), stored("appstatus_r.inprogress"))
	}
	if err := os.Rename(filepath.Join(log, "appstatus_r.inprogress"), filepath.Join(log, "appstatus_r")); err != nil {
		t.Fatal(err)
	}
	w.shipper.End("w1")
	w.tick()
	if stored("appstatus_r") == "" || stored("appstatus_r.inprogress") != "" || w.shipper.Holds("w1") {
		t.Errorf("the finished log has no mark %q, or both %q", stored("appstatus_r"), stored("appstatus_r.inprogress"))
	}
}

// A driver that puts links in the place of its event log gets none, and keeps nothing from being done with it.
func TestShipper_LeavesAnEventLogOfLinks(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	for what, make := range map[string]func(folder string) error{
		"the folder": func(folder string) error {
			return errors.Join(os.Remove(folder), os.Symlink(filepath.Dir(secret), folder))
		},
		"a file": func(folder string) error { return os.Symlink(secret, filepath.Join(folder, "events_1_r")) },
		"a pipe": func(folder string) error { return syscall.Mkfifo(filepath.Join(folder, "events_1_r"), 0o600) },
		"a loop": func(folder string) error { return os.Symlink("events_1_r", filepath.Join(folder, "events_1_r")) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			if err := errors.Join(os.WriteFile(secret, []byte("secret"), 0o600), make(w.events())); err != nil {
				t.Fatal(err)
			}
			w.say([]byte("hello"))
			w.tick()
			w.shipper.End("w1")
			w.tick()
			if w.shipper.Holds("w1") {
				t.Error("its files are held")
			}
			for path, content := range w.servers.files {
				if strings.Contains(path, w.shipment.EventFolder) || bytes.Contains(content, []byte("secret")) {
					t.Errorf("%s was stored: %q", path, content)
				}
			}
		})
	}
}

// A file with holes is larger than what its driver's disk holds.
func TestShipper_LeavesWhatIsTooLarge(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for name, size := range map[string]int64{"events_1_r": 10, "events_2_r": maxEventBytes, "events_3_r": 10} {
		path := filepath.Join(w.events(), name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size)); err != nil {
			t.Skipf("no file system for this: %v", err)
		}
	}
	w.shipper.End("w1")
	w.tick()
	if w.shipper.Holds("w1") {
		t.Error("its files are held")
	}
	for name, want := range map[string]int{"events_1_r": 10, "events_2_r": 0, "events_3_r": 0} {
		if content, _ := w.servers.best(w.shipment.EventFolder + "/" + name); len(content) != want {
			t.Errorf("of %s %d bytes were stored", name, len(content))
		}
	}
}

// Spark reads a log only if no part of it is missing before the last one, and if it has a mark.
func TestShipper_TakesTheBeginningOfALogThatIsTooLarge(t *testing.T) {
	w := newWorld(t, t.TempDir())
	folder := filepath.Join(w.events(), "eventlog_v2_r")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{
		"events_2_r":    10,
		"events_10_r":   maxEventBytes,
		"appstatus_r":   0,
		"appstatus_r_2": 1 << 20, // what a program wants taken beyond the bound
	} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size)); err != nil {
			t.Skipf("no file system for this: %v", err)
		}
	}
	w.shipper.End("w1")
	w.tick()
	for name, want := range map[string]int{
		"events_2_r":    10,
		"events_10_r":   0,
		"appstatus_r":   1,
		"appstatus_r_2": 0,
	} {
		if content, _ := w.servers.best(w.shipment.EventFolder + "/eventlog_v2_r/" + name); len(content) != want {
			t.Errorf("of %s %d bytes were stored, want %d", name, len(content), want)
		}
	}
}

// What nobody takes keeps the worker's files, for a day.
func TestShipper_GivesUpAfterADay(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, server := range w.servers.Addresses() {
		w.servers.down[server] = true
	}
	w.say([]byte("hello"))
	w.shipper.End("w1")
	w.tick()
	if !w.shipper.Holds("w1") {
		t.Fatal("its files are not held, and nobody has them")
	}
	w.shipper.tasks["w1"].Ended = time.Now().Add(-2 * giveUpAfter)
	w.tick()
	if w.shipper.Holds("w1") {
		t.Error("its files are held after a day")
	}
}

// refusing is a sink that takes nothing.
type refusing struct{}

func (refusing) put(context.Context, part) error { return errors.New("access denied") }

func (refusing) forget(string) {}

func (refusing) putWhole(context.Context, io.ReaderAt, string, int64) error {
	return errors.New("access denied")
}

// A destination that refuses does not keep another from anything, however much there is.
func TestShipper_OneThatRefusesDoesNotStopAnother(t *testing.T) {
	w := newWorld(t, t.TempDir())
	task := w.shipper.tasks["w1"]
	task.logs = append(task.logs, refusing{})
	task.streams[0].maxStaged = 3000
	for range 20 {
		text := make([]byte, 1500)
		for i := range text {
			text[i] = byte(rapid.Byte().Example(i + w.written.Len()))
		}
		w.say(text)
		w.tick()
	}
	for range 20 {
		w.tick()
	}
	if !bytes.Equal(w.onServers(), w.written.Bytes()) {
		t.Errorf("of %d bytes the servers have %d", w.written.Len(), len(w.onServers()))
	}
}

// After a power loss the cursor may know of more than staging has.
func TestShipper_StagesAgainWhatStagingLost(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.say(bytes.Repeat([]byte("x"), 500))
	w.servers.down = map[string]bool{"s1": true, "s2": true, "s3": true}
	w.tick()
	if err := os.Truncate(filepath.Join(w.dir, "shipping", "w1", "stdout_0.gz"), 3); err != nil {
		t.Fatal(err)
	}
	w.servers.down = map[string]bool{}
	w.restart()
	w.say([]byte("the end"))
	w.tick()
	if !bytes.Equal(w.onServers(), w.written.Bytes()) {
		t.Errorf("of %d bytes the servers have %q", w.written.Len(), w.onServers())
	}
}

// What a program wrote before a hole is kept, with words that say why the rest is not; the hole costs nothing, however
// large it is.
func TestShipper_AHoleEndsAStream(t *testing.T) {
	for name, rest := range map[string]string{"the end is after it": "", "text is after it": "never seen"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			path := filepath.Join(w.shipment.Logs, "stdout")
			const size = 1 << 42
			w.say([]byte("before"))
			if err := os.Truncate(path, size); err != nil {
				t.Skipf("no file system for this: %v", err)
			}
			w.say([]byte(rest))
			w.shipper.End("w1")
			for range 20 {
				w.tick()
			}
			if w.shipper.Holds("w1") {
				t.Error("its files are held")
			}
			said := strings.ReplaceAll(string(w.onServers()), "\x00", "")
			if !strings.HasPrefix(said, "before") || strings.Count(said, "headrace: this log ends here") != 1 ||
				strings.Contains(said, "never seen") {
				t.Errorf("the servers have %q", said)
			}
		})
	}
}

// An agent that begins anew takes no more of a stream with a hole, and says so once.
func TestShipper_AHoleIsToldOnce(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.say([]byte("before"))
	if err := os.Truncate(filepath.Join(w.shipment.Logs, "stdout"), 1<<42); err != nil {
		t.Skipf("no file system for this: %v", err)
	}
	for range 3 {
		for range 10 {
			w.tick()
		}
		w.restart()
		w.say([]byte("never seen"))
	}
	said := strings.ReplaceAll(string(w.onServers()), "\x00", "")
	if strings.Count(said, "headrace: this log ends here") != 1 || strings.Contains(said, "never seen") {
		t.Errorf("the servers have %q", said)
	}
}

// A stream with much to take goes on in its next round, and others are shipped meanwhile.
func TestShipper_TakesABoundedPartPerRound(t *testing.T) {
	w := newWorld(t, t.TempDir())
	s := w.shipper.tasks["w1"].streams[0]
	s.roundBytes = 2 * smallPart
	w.say(bytes.Repeat([]byte("much to say\n"), smallPart))
	w.shipper.End("w1")
	w.tick()
	if s.cursor.Raw != 2*smallPart || !w.shipper.Holds("w1") {
		t.Errorf("the first round took %d bytes, held: %v", s.cursor.Raw, w.shipper.Holds("w1"))
	}
	for range 10 {
		w.tick()
	}
	if !bytes.Equal(w.onServers(), w.written.Bytes()) || w.shipper.Holds("w1") {
		t.Errorf("of %d bytes the servers have %d, held: %v", w.written.Len(), len(w.onServers()), w.shipper.Holds("w1"))
	}
}

// An event log whose files get new names all the time fills no destination.
func TestShipper_TakesABoundedNumberOfNames(t *testing.T) {
	w := newWorld(t, t.TempDir())
	task := w.shipper.tasks["w1"]
	task.taken = map[string]bool{}
	for i := range maxEvents - 1 {
		task.taken[fmt.Sprint(i)] = true
	}
	for _, name := range []string{"events_1", "events_2"} {
		if err := os.WriteFile(filepath.Join(w.events(), name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.tick()
		w.tick()
	}
	for name, want := range map[string]int{"events_1": 4, "events_2": 0} {
		if content, _ := w.servers.best(w.shipment.EventFolder + "/" + name); len(content) != want {
			t.Errorf("of %s %d bytes were stored", name, len(content))
		}
	}
}
