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
	has    map[string]int64 // what was brought: sizes, by names in the folder

	complete bool // it has its end
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
	if err != nil || e.has != nil && slices.Equal(kept, e.kept) {
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
	e.complete, err = e.finish()
	return e.complete, err
}

// bring has the folder hold what is shown, and no more.
func (e *eventLog) bring(ctx context.Context, from source, shown eventlog.Shown) error {
	wanted := map[string]int64{}
	copies := map[string]eventlog.Copy{}
	var names []string
	for _, c := range shown.Copies {
		wanted[c.As] = c.Size
		if size, has := e.has[c.As]; !has || size != c.Size {
			copies[c.Name] = c
			names = append(names, c.Name)
		}
	}
	files := func() *eventFiles { return &eventFiles{home: e.home, folder: e.folder, copies: copies} }
	if len(names) > 0 {
		if err := from.fetch(ctx, names, files); err != nil {
			return err
		}
	}
	own := files()
	for _, name := range shown.Headless {
		wanted[name] = 0
		if err := own.writeOwn(name, e.head()); err != nil {
			return own.close(err)
		}
	}
	return cmp.Or(own.close(nil), e.settle(wanted))
}

// settle removes what is shown no more.
func (e *eventLog) settle(wanted map[string]int64) error {
	for name := range e.has {
		if _, stays := wanted[name]; stays {
			continue
		}
		err := os.Remove(filepath.Join(e.folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	e.has = wanted
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

// makeMark says whether an event log in parts is finished, and makes the mark of one that is not, if there is none.
func (e *eventLog) makeMark(mark string) (finished bool, err error) {
	if _, err := os.Stat(mark); err == nil {
		return true, nil
	}
	mark = eventlog.Unfinished(mark)
	file, err := os.OpenFile(mark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	return false, errors.Join(file.Close(), e.home.ShowFile(mark, 0o640))
}
