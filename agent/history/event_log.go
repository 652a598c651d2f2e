package history

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/eventlog"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Servers are what histories need of servers. *servers.Servers are some.
type Servers interface {
	// Addresses returns the servers that may have logs.
	Addresses() []string
	// Client calls one of them.
	Client(address string) (agentv1.AgentServiceClient, error)
}

// eventLog is the event log of an attempt, where its logs are kept.
type eventLog struct {
	config Config
	from   *agentv1.History
	grant  func() string // to read it on servers
	home   *runtime.Home // of the process that shows it
	folder string        // where it is brought, shown to that process
	bounds eventlog.Bounds
	note   string           // what is not shown of it
	kept   []eventlog.File  // when it was brought last
	has    map[string]int64 // what was received: sizes, by names in the folder; eventFiles notes it

	whole    bool // all that is shown was received as it was listed
	complete bool // it is whole, and has its end
}

// source is where event logs are kept.
type source interface {
	// list returns the files of the event log.
	list(ctx context.Context) ([]eventlog.File, error)
	// fetch brings files. Those that are no more there are left out.
	fetch(ctx context.Context, names []string, to func() *eventFiles) error
}

// source returns where the event log is kept.
func (e *eventLog) source() source {
	if e.from.GetLogUri() == shipping.OnServers {
		return &onServers{
			servers: e.config.Servers,
			folder:  e.from.GetFolder() + "/",
			grant:   e.grant,
		}
	}
	return &inStorage{
		client: storage.New(e.config.ObjectStore).Files(e.access()),
		base:   storage.Join(e.from.GetLogUri(), e.from.GetFolder()) + "/",
	}
}

// fetch brings what is new of the event log, and says whether it has its end.
func (e *eventLog) fetch(ctx context.Context) (complete bool, err error) {
	source := e.source()
	kept, err := source.list(ctx)
	slices.SortFunc(kept, func(a, b eventlog.File) int { return eventlog.Compare(a.Name, b.Name) })
	if err != nil || e.whole && slices.Equal(kept, e.kept) {
		return e.complete, err
	}
	shown, err := eventlog.Choose(kept, e.bounds)
	if err == nil {
		err = e.bring(ctx, source, shown)
	}
	if err != nil {
		return false, err
	}
	e.kept = kept
	e.note = shown.Note()
	ended, err := e.finish()
	e.complete = ended && e.whole
	return e.complete, err
}

// bring has the folder hold what is shown, and no more. What was not received whole is asked for again the next time.
func (e *eventLog) bring(ctx context.Context, from source, shown eventlog.Shown) error {
	if err := checkRoom(shown); err != nil {
		return err
	}
	if e.has == nil {
		e.has = map[string]int64{}
	}
	e.whole = false
	if names := e.lacking(shown); len(names) > 0 {
		if err := from.fetch(ctx, names, func() *eventFiles { return e.files(shown) }); err != nil {
			return err
		}
	}
	own := e.files(shown)
	for _, name := range shown.Headless {
		if err := own.writeOwn(name, e.head()); err != nil {
			return own.close(err)
		}
	}
	e.whole = len(e.lacking(shown)) == 0
	return cmp.Or(own.close(nil), e.settle(shown))
}

// files writes to the folder what is shown.
func (e *eventLog) files(shown eventlog.Shown) *eventFiles {
	copies := map[string]eventlog.Copy{}
	for _, c := range shown.Copies {
		if !e.received(c) {
			copies[c.Name] = c
		}
	}
	return &eventFiles{home: e.home, folder: e.folder, copies: copies, has: e.has}
}

// lacking returns the names of the copies that were not received, in order.
func (e *eventLog) lacking(shown eventlog.Shown) (names []string) {
	for _, c := range shown.Copies {
		if !e.received(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// received says whether a copy was received as it was listed.
func (e *eventLog) received(c eventlog.Copy) bool {
	size, has := e.has[c.As]
	return has && size == c.Size
}

// settle removes what is shown no more.
func (e *eventLog) settle(shown eventlog.Shown) error {
	stays := map[string]bool{}
	for _, c := range shown.Copies {
		stays[c.As] = true
	}
	for _, name := range shown.Headless {
		stays[name] = true
	}
	for name := range e.has {
		if stays[name] || !filepath.IsLocal(name) {
			continue
		}
		err := os.Remove(filepath.Join(e.folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		delete(e.has, name)
	}
	return nil
}

// applicationStart is Spark's event. A history server looks for it by the beginning of its line, so its kind is first.
type applicationStart struct {
	Event     string `json:"Event"`
	Name      string `json:"App Name"`
	ID        string `json:"App ID"`
	Timestamp int64  `json:"Timestamp"` // in milliseconds
	User      string `json:"User"`
	Attempt   string `json:"App Attempt ID"`
}

// environment is the event without which most pages fail. What it said is not kept.
const environment = `{"Event":"SparkListenerEnvironmentUpdate","JVM Information":{},"Spark Properties":{},` +
	`"Hadoop Properties":{},"System Properties":{},"Metrics Properties":{},"Classpath Entries":{}}` + "\n"

// head says which application wrote an event log that does not say it (any more). Without it no history server shows
// the log.
func (e *eventLog) head() []byte {
	line, err := json.Marshal(applicationStart{
		Event:     "SparkListenerApplicationStart",
		Name:      "job run " + e.from.GetJobRunId(),
		ID:        e.from.GetJobRunId(),
		Timestamp: e.began().UnixMilli(),
		User:      "not kept",
		Attempt:   strconv.FormatUint(uint64(e.from.GetAttempt()), 10),
	})
	if err != nil {
		panic(fmt.Sprintf("cannot write an event of strings and a number: %v", err))
	}
	return append([]byte(environment), append(line, '\n')...)
}

// began returns when the driver began, or now if a server of an earlier version asks: a history server does not list
// what began before 2010.
func (e *eventLog) began() time.Time {
	if e.from.GetDriverStartedAt() == nil {
		return time.Now()
	}
	return e.from.GetDriverStartedAt().AsTime()
}

// access says how far a file:// place reaches: one that a user named with the rights of the process that shows it.
func (e *eventLog) access() storage.Access {
	if e.from.GetLogManaged() {
		return storage.OwnAccess(e.from.GetLogUri())
	}
	access := e.config.Access(e.home.User)
	access.MaxEntries = maxListed // whatever lies there
	return access
}

// finish says whether the event log has its end. One in parts that lost its mark with its node gets one, without which
// nobody reads it.
func (e *eventLog) finish() (complete bool, err error) {
	found := false
	err = filepath.WalkDir(e.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == e.folder {
			return err
		}
		found = true
		if mark, inParts := eventlog.MarkOf(path); entry.IsDir() && inParts {
			finished, err := e.makeMark(filepath.Join(path, mark))
			if complete = complete || finished; err != nil {
				return err
			}
			return fs.SkipDir
		}
		complete = complete || entry.Type().IsRegular() && eventlog.IsFile(path) && eventlog.IsFinished(path)
		return nil
	})
	if err == nil && !found {
		err = errs.New(errs.NotFound,
			"cannot show the history of attempt %d of job run %s: no event log of it is kept (any more)",
			e.from.GetAttempt(), e.from.GetJobRunId())
	}
	return complete, err
}

// makeMark says whether an event log in parts is finished, and makes the mark of one that is not, if there is none. A
// log has one mark: that of one that is finished takes the place of the other, which may have been made here before.
func (e *eventLog) makeMark(mark string) (finished bool, err error) {
	unfinished := eventlog.Unfinished(mark)
	if _, err := os.Stat(mark); err == nil {
		err = os.Remove(unfinished)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return true, err
	}
	mark = unfinished
	file, err := os.OpenFile(mark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	return false, errors.Join(file.Close(), e.home.ShowFile(mark, 0o640))
}
