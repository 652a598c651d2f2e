package cli

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func readLogs(s *shared) *cobra.Command {
	request := &controlv1.ReadLogRequest{}
	raw := false
	c := &cobra.Command{
		Use:   "logs [APPLICATION] JOB_RUN",
		Short: "Show a log of a job run: the driver's output, or that of another worker",
		Args:  takesRun,
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "read log"
			request.ApplicationId = args[0]
			request.JobRunId = args[1]
			return s.call(doing, func(cl *client.Client) error {
				return fail(doing,
					CopyLog(c.Context(), cl, request, s.Env, raw))
			})
		},
	}
	flags := c.Flags()
	flags.Uint32Var(&request.Attempt, "attempt", 0, "the attempt; 0: the newest")
	flags.Uint32Var(&request.WorkerNumber, "worker", 0, "0: the driver; else an executor's id or a task's index")
	flags.StringVar(&request.Stream, "stream", "stdout", "stdout or stderr")
	flags.Int64Var(&request.Offset, "offset", 0, "skip so many bytes")
	flags.BoolVar(&request.Follow, "follow", false, "go on until the worker has ended")
	flags.BoolVar(&raw, "raw", false,
		"on a terminal too, every byte as the program wrote it; it may act on the terminal")
	complete(c, "stream", "stdout", "stderr")
	return c
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
