package history

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/eventlog"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/storage"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// maxListed bounds the files of an event log, wherever it is kept. Most of them are not shown.
	maxListed = 100_000
	// maxNamed is how many files are asked for at once.
	maxNamed = 256
)

// onServers is an event log on the servers' own disks.
type onServers struct {
	servers Servers
	folder  string // with a slash at its end
	grant   func() string
}

// each asks one server after another until one answers: that one asks the others.
func (s *onServers) each(ask func(agentv1.AgentServiceClient) error) error {
	var failures []error
	for _, server := range s.servers.Addresses() {
		client, err := s.servers.Client(server)
		if err == nil {
			err = ask(client)
		}
		if err == nil || errs.Is(err, errs.TooLarge) || errs.Is(err, errs.NotFound) {
			return err
		}
		failures = append(failures, err)
	}
	return errs.New(errs.Unavailable,
		"cannot fetch the event log from any of %d servers: %w", len(failures), errors.Join(failures...))
}

// list returns the files of the event log. A server of an earlier version sends them, too.
func (s *onServers) list(ctx context.Context) (files []eventlog.File, err error) {
	err = s.each(func(server agentv1.AgentServiceClient) error {
		sizes := map[string]int64{}
		files = nil
		request := &agentv1.FetchLogRequest{Path: s.folder, Sizes: true}
		err := s.receive(ctx, server, request, func(name string, part *agentv1.FetchLogResponse) error {
			if _, seen := sizes[name]; !seen && len(sizes) == maxListed {
				return tooMany()
			}
			sizes[name] += part.GetSize() + int64(len(part.GetData()))
			return nil
		})
		for name, size := range sizes {
			files = append(files, eventlog.File{Name: name, Size: size})
		}
		return err
	})
	return files, err
}

func tooMany() error {
	return errs.New(errs.TooLarge, "cannot show the history: its event log has more than %d files", maxListed)
}

// fetch brings files. A server of an earlier version sends all files whatever is asked for: then it is not asked again.
func (s *onServers) fetch(ctx context.Context, names []string, to func() *eventFiles) error {
	for some := range slices.Chunk(names, maxNamed) {
		all, err := s.fetchSome(ctx, some, to)
		if err != nil || all {
			return err
		}
	}
	return nil
}

// fetchSome brings some files, and says whether the server sent others, too.
func (s *onServers) fetchSome(ctx context.Context, names []string, to func() *eventFiles) (all bool, err error) {
	err = s.each(func(server agentv1.AgentServiceClient) error {
		all = false
		files := to()
		request := &agentv1.FetchLogRequest{Path: s.folder, Files: names}
		return files.close(s.receive(ctx, server, request, func(name string, part *agentv1.FetchLogResponse) error {
			all = all || !slices.Contains(names, name)
			return files.write(name, part.GetData())
		}))
	})
	return all, err
}

// receive takes what a server sends, with the names below the folder.
func (s *onServers) receive(
	ctx context.Context,
	server agentv1.AgentServiceClient,
	request *agentv1.FetchLogRequest,
	take func(name string, part *agentv1.FetchLogResponse) error,
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request.Grant = s.grant()
	stream, err := server.FetchLog(ctx, request)
	for err == nil {
		var part *agentv1.FetchLogResponse
		if part, err = stream.Recv(); err == nil {
			err = take(strings.TrimPrefix(part.GetPath(), s.folder), part)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return grpcerr.FromStatus(err)
}

// inStorage is an event log in object storage, or in a directory that machines share.
type inStorage struct {
	client *storage.Client
	base   string // URI, with a slash at its end
}

func (s *inStorage) list(ctx context.Context) (files []eventlog.File, err error) {
	for object, err := range s.client.List(ctx, s.base) {
		if err != nil {
			return nil, err
		}
		if len(files) == maxListed {
			return nil, tooMany()
		}
		files = append(files, eventlog.File{Name: strings.TrimPrefix(object.URI, s.base), Size: object.Size})
	}
	return files, nil
}

func (s *inStorage) fetch(ctx context.Context, names []string, to func() *eventFiles) error {
	files := to()
	for _, name := range names {
		if err := s.copy(ctx, name, files); err != nil {
			return files.close(err)
		}
	}
	return files.close(nil)
}

// copy brings one file.
func (s *inStorage) copy(ctx context.Context, name string, files *eventFiles) error {
	in, _, err := s.client.Read(ctx, s.base+name, 0)
	if errs.Is(err, errs.NotFound) {
		return nil // it went since, as its retention is over
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return files.copy(ctx, name, in)
}
