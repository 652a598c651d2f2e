package history

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/eventlog"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
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
}

// fetch brings the event log as far as it is there, and says whether it has its end.
func (e *eventLog) fetch(ctx context.Context) (complete bool, err error) {
	if e.from.GetLogUri() == shipping.OnServers {
		err = e.fetchServers(ctx)
	} else {
		err = e.fetchObjects(ctx)
	}
	if err != nil {
		return false, err
	}
	return e.finish()
}

// fetchServers brings it from the first server that can be asked: that one asks the others.
func (e *eventLog) fetchServers(ctx context.Context) error {
	var failures []error
	for _, server := range e.config.Servers.Addresses() {
		client, err := e.config.Servers.Client(server)
		if err == nil {
			err = e.fetchFrom(ctx, client)
		}
		if err == nil || errs.Is(err, errs.TooLarge) || errs.Is(err, errs.NotFound) {
			return err
		}
		failures = append(failures, err)
	}
	return errs.New(errs.Unavailable,
		"cannot fetch the event log from any of %d servers: %w", len(failures), errors.Join(failures...))
}

func (e *eventLog) fetchFrom(ctx context.Context, server agentv1.AgentServiceClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	folder := e.from.GetFolder() + "/"
	stream, err := server.FetchLog(ctx, &agentv1.FetchLogRequest{Path: folder, Grant: e.grant()})
	if err != nil {
		return grpcerr.FromStatus(err)
	}
	files := &eventFiles{home: e.home, folder: e.folder}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return files.close(nil)
		}
		if err == nil {
			err = files.write(strings.TrimPrefix(part.GetPath(), folder), part.GetData())
		}
		if err != nil {
			return files.close(grpcerr.FromStatus(err))
		}
	}
}

// fetchObjects brings it from object storage, or a directory that machines share.
func (e *eventLog) fetchObjects(ctx context.Context) error {
	client := storage.New(e.config.ObjectStore).Files(e.access())
	base := storage.Join(e.from.GetLogUri(), e.from.GetFolder()) + "/"
	files := &eventFiles{home: e.home, folder: e.folder}
	for object, err := range client.List(ctx, base) {
		if err == nil {
			err = files.copy(ctx, client, object.URI, strings.TrimPrefix(object.URI, base))
		}
		if err != nil {
			return files.close(err)
		}
	}
	return files.close(nil)
}

// access says how far a file:// place reaches: one that a user named with the rights of the process that shows it.
func (e *eventLog) access() storage.Access {
	if e.from.GetLogManaged() {
		return storage.OwnAccess(e.from.GetLogUri())
	}
	access := e.config.Access(e.home.User)
	access.MaxEntries = maxEventFiles // whatever lies there
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
