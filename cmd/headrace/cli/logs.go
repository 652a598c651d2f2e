package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of logs that are read together.
const (
	maxTogether = 8      // workers; a node has so many streams for one client
	maxTail     = 10_000 // lines
)

// logFlags are the flags of job-run logs.
type logFlags struct {
	request controlv1.ReadLogRequest
	workers []uint
	all     bool
	tail    uint
	raw     bool
}

func readLogs(s *shared) *cobra.Command {
	b := &logFlags{}
	c := &cobra.Command{
		Use:   "logs [APPLICATION] JOB_RUN",
		Short: "Show a log of a job run: the driver's output, or that of other workers",
		Args:  takesRun,
		Example: "  headrace job-run logs - --follow\n" +
			"  headrace job-run logs 01j0a... --stream stderr --tail 50\n" +
			"  headrace job-run logs 01j0a... --worker 1,2 -f",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "read log"
			b.request.ApplicationId = args[0]
			b.request.JobRunId = args[1]
			return s.call(doing, func(cl *client.Client) error {
				return fail(doing, b.read(c, s.Env, cl))
			})
		},
	}
	b.bind(c)
	return c
}

func (b *logFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.Uint32Var(&b.request.Attempt, "attempt", 0, "the attempt; 0: the newest")
	flags.UintSliceVar(&b.workers, "worker", nil,
		"0: the driver, which is the default; else an executor's id or a task's index; several have a prefix each")
	flags.BoolVar(&b.all, "all-workers", false, "the logs of all workers of the attempt, each line with a prefix")
	flags.StringVar(&b.request.Stream, "stream", "stdout", "stdout or stderr")
	flags.Int64Var(&b.request.Offset, "offset", 0, "skip so many bytes")
	flags.UintVar(&b.tail, "tail", 0, "only so many lines at the end, and with --follow what comes after them")
	flags.BoolVarP(&b.request.Follow, "follow", "f", false, "go on until the worker has ended")
	flags.BoolVar(&b.raw, "raw", false,
		"on a terminal too, every byte as the program wrote it; it may act on the terminal")
	c.MarkFlagsMutuallyExclusive("worker", "all-workers")
	c.MarkFlagsMutuallyExclusive("offset", "tail")
	complete(c, "stream", "stdout", "stderr")
}

// read reads the log of one worker, or those of several.
func (b *logFlags) read(c *cobra.Command, env Env, cl *client.Client) error {
	if b.tail > maxTail {
		return badFlag("tail", "%d is above %d lines", b.tail, maxTail)
	}
	if b.all {
		if err := b.findWorkers(c.Context(), cl); err != nil {
			return err
		}
	}
	switch len(b.workers) {
	case 0:
		return b.one(c.Context(), cl, &b.request, env.Out, env)
	case 1:
		b.request.WorkerNumber = uint32(b.workers[0])
		return b.one(c.Context(), cl, &b.request, env.Out, env)
	}
	return b.together(c.Context(), cl, env)
}

// findWorkers sets the numbers of all workers of the attempt; none, if it had none: reading says why.
func (b *logFlags) findWorkers(ctx context.Context, cl *client.Client) error {
	r := &b.request
	if r.GetAttempt() == 0 {
		request := &controlv1.GetJobRunRequest{ApplicationId: r.GetApplicationId(), JobRunId: r.GetJobRunId()}
		answer, err := jobRuns(cl).GetJobRun(ctx, request)
		if err != nil {
			return err
		}
		r.Attempt = answer.GetJobRun().GetAttempt()
	}
	all, err := allWorkers(ctx, cl, r.GetApplicationId(), r.GetJobRunId(), r.GetAttempt())
	for _, w := range all {
		b.workers = append(b.workers, uint(w.GetNumber()))
	}
	slices.Sort(b.workers)
	b.workers = slices.Compact(b.workers)
	return err
}

// one writes the log of one worker: all of it, or its end and what comes after it. It leaves the request as it is: a
// command whose words are names runs twice.
func (b *logFlags) one(ctx context.Context, cl *client.Client, said *controlv1.ReadLogRequest, to io.Writer,
	env Env,
) error {
	r := proto.CloneOf(said)
	if b.tail == 0 {
		return CopyLog(ctx, cl, r, withOutput(env, to), b.raw)
	}
	follow := r.GetFollow()
	r.Follow = false
	end := &tail{lines: int(b.tail)}
	notes := env.Err
	if follow {
		notes = io.Discard // they are told at the end
	}
	if err := copyLog(ctx, cl, r, end, notes); err != nil {
		return err
	}
	log := output.Log(to, env.Screen, b.raw)
	_, err := log.Write(end.bytes())
	if err == nil && follow {
		r.Follow = true
		err = copyLog(ctx, cl, r, log, env.Err)
	}
	return errors.Join(err, log.Close())
}

func withOutput(env Env, to io.Writer) Env {
	env.Out = to
	return env
}

// together writes the logs of several workers, each line with its worker before it: at the same time if they are
// followed, else one after the other. What one lacks does not end the others.
func (b *logFlags) together(ctx context.Context, cl *client.Client, env Env) error {
	if b.request.GetFollow() && len(b.workers) > maxTogether {
		return errs.New(errs.Invalid, "cannot follow %d workers, %d at most: name them with --worker", len(b.workers),
			maxTogether)
	}
	var mu sync.Mutex
	env.Err = &locked{mu: &mu, to: env.Err}
	failed := make([]error, len(b.workers))
	var all sync.WaitGroup
	for i, number := range b.workers {
		read := func() {
			r := proto.CloneOf(&b.request)
			r.WorkerNumber = uint32(number)
			lines := &prefixed{prefix: workerPrefix(number), to: &locked{mu: &mu, to: env.Out}}
			failed[i] = errors.Join(b.one(ctx, cl, r, lines, env), lines.Close())
			if failed[i] != nil && ctx.Err() == nil {
				_ = output.Line(env.Err, "headrace: %s%s", lines.prefix, message(failed[i]))
			}
		}
		if b.request.GetFollow() {
			all.Go(read)
		} else {
			read()
		}
	}
	all.Wait()
	return firstUnless(errs.NotFound, failed)
}

// firstUnless returns the first error; one of a kind only if all are.
func firstUnless(kind errs.Kind, all []error) error {
	rest := slices.DeleteFunc(slices.Clone(all), func(err error) bool { return err == nil || errs.Is(err, kind) })
	if len(rest) > 0 {
		return rest[0]
	}
	if slices.Contains(all, nil) {
		return nil
	}
	return firstOf(all...)
}

func workerPrefix(number uint) string {
	if number == 0 {
		return "driver | "
	}
	return fmt.Sprintf("%6d | ", number)
}

// The metadata of a log that is read.
const (
	logAttemptKey = "headrace-attempt" // in the header: the attempt whose log it is
	logNoteKey    = "headrace-note"    // in the trailer: what to know of its end
)

// CopyLog writes a log to the output. If a connection breaks, it goes on at the same byte of the same attempt. On a
// terminal it shows control characters instead of passing them on, unless raw is set. Notes of the cluster about the
// end of the log go to the error stream.
func CopyLog(ctx context.Context, cl *client.Client, request *controlv1.ReadLogRequest, env Env, raw bool) error {
	log := output.Log(env.Out, env.Screen, raw)
	if err := copyLog(ctx, cl, request, log, env.Err); err != nil {
		_ = log.Close()
		return err
	}
	return log.Close()
}

func copyLog(ctx context.Context, cl *client.Client, request *controlv1.ReadLogRequest, w, notes io.Writer) error {
	return cl.Retry(ctx, func(alive func()) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		log, err := jobRuns(cl).ReadLog(ctx, request)
		if err != nil {
			return err
		}
		for {
			part, err := log.Recv()
			if errors.Is(err, io.EOF) {
				return tellNotes(log, notes)
			}
			if err != nil {
				return err
			}
			alive()
			keepAttempt(log, request)
			if _, err := w.Write(part.GetData()); err != nil {
				return err
			}
			request.Offset = part.GetOffset() + int64(len(part.GetData()))
		}
	})
}

// keepAttempt has the request name the attempt that is read: when it asks again, there may be a newer one.
func keepAttempt(log grpc.ClientStream, request *controlv1.ReadLogRequest) {
	if request.GetAttempt() != 0 {
		return
	}
	header, err := log.Header()
	if err != nil || len(header.Get(logAttemptKey)) == 0 {
		return // a server of an older version does not say it
	}
	if attempt, err := strconv.ParseUint(header.Get(logAttemptKey)[0], 10, 32); err == nil {
		request.Attempt = uint32(attempt)
	}
}

func tellNotes(log grpc.ClientStream, to io.Writer) error {
	for _, note := range log.Trailer().Get(logNoteKey) {
		if err := output.Line(to, "headrace: %s", note); err != nil {
			return err
		}
	}
	return nil
}
