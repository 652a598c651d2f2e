package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// logged is a server with a log of five lines for each of two workers; a follower reads a sixth.
func logged() *clusterfake.Server {
	server := answers(map[string]proto.Message{
		"GetJobRun": &controlv1.GetJobRunResponse{JobRun: aRun()},
		"ListWorkers": &controlv1.ListWorkersResponse{
			Workers: []*controlv1.Worker{{Number: 0}, {Number: 2}, {Number: 7}},
		},
	})
	server.Log = func(r *controlv1.ReadLogRequest, s grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
		if r.GetWorkerNumber() == 7 {
			return errs.New(errs.NotFound, "worker 7 of attempt 2 never started")
		}
		var text strings.Builder
		for i := range 5 {
			fmt.Fprintf(&text, "%d of %d\n", i, r.GetWorkerNumber())
		}
		if r.GetFollow() {
			text.WriteString("more")
		}
		return s.Send(&controlv1.ReadLogResponse{Offset: r.GetOffset(), Data: []byte(text.String()[r.GetOffset():])})
	}
	return server
}

func TestD3_LogsShowTheirEndAndSeveralWorkers(t *testing.T) {
	for args, want := range map[string]string{
		"--tail 2":               "3 of 0\n4 of 0\n",
		"--tail 2 -f":            "3 of 0\n4 of 0\nmore",
		"--tail 99":              "0 of 0\n1 of 0\n2 of 0\n3 of 0\n4 of 0\n",
		"--worker 2 --tail 1":    "4 of 2\n",
		"--worker 0,2 --tail 1":  "driver | 4 of 0\n     2 | 4 of 2\n",
		"--all-workers --tail 1": "driver | 4 of 0\n     2 | 4 of 2\n",
	} {
		r := command(t.Context(), logged().Start(t), append([]string{"job-run", "logs", "01app", "01run"},
			strings.Fields(args)...)...)
		if r.failed != nil || r.out.String() != want {
			t.Errorf("%s: %q, %v; expected %q", args, r.out.String(), r.failed, want)
		}
		told := r.err.String()
		if strings.Contains(args, "all") != strings.Contains(told, "7 | worker 7 of attempt 2 never") {
			t.Errorf("%s: told %q", args, told)
		}
	}
}

// A name is looked up only after it was no id, and the command runs again then.
func TestD3_LogsOfANamedApplicationAreFollowedAfterTheirEnd(t *testing.T) {
	named := twoLabs()
	log := logged().Log
	named.Log = func(r *controlv1.ReadLogRequest, s grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
		if r.GetApplicationId() != "01aaaa11" {
			return errs.New(errs.NotFound, "there is no application")
		}
		return log(r, s)
	}
	r := command(t.Context(), named.Start(t), "job-run", "logs", "lab", "02rrra", "--tail", "1", "-f")
	if r.failed != nil || r.out.String() != "4 of 0\nmore" {
		t.Errorf("%q, %v", r.out.String(), r.failed)
	}
}

// Each line has its prefix, however the text comes in parts.
func TestPrefixed_WritesLinesOfAnyParts(t *testing.T) {
	text := "a\n\nbc\n" + strings.Repeat("x", maxLine+1) + "\nend"
	want := "> a\n> \n> bc\n> " + strings.Repeat("x", maxLine) + "\n> x\n> end\n"
	for _, size := range []int{7, 1000, maxLine, len(text)} {
		var got strings.Builder
		lines := &prefixed{prefix: "> ", to: &got}
		for part := range slices.Chunk([]byte(text), size) {
			if n, err := lines.Write(part); n != len(part) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if err := lines.Close(); err != nil || got.String() != want {
			t.Errorf("parts of %d bytes give %.40q, %v", size, got.String(), err)
		}
	}
}

func TestD3_LogsOfSeveralWorkersAreFollowedTogether(t *testing.T) {
	r := command(t.Context(), logged().Start(t), "job-run", "logs", "01app", "01run", "--worker", "0,2", "-f")
	lines := strings.Split(strings.TrimSuffix(r.out.String(), "\n"), "\n")
	slices.Sort(lines)
	if r.failed != nil || len(lines) != 12 || lines[5] != "     2 | more" || lines[11] != "driver | more" {
		t.Errorf("%q, %v", lines, r.failed)
	}
}

func TestD3_RetrySubmitsAFinishedRunAgain(t *testing.T) {
	r := command(t.Context(), twoLabs().Start(t), "job-run", "retry", "02sss", "-q")
	if r.failed != nil || r.out.String() != "01run4\n" {
		t.Errorf("%q, %v", r.out.String(), r.failed)
	}
	server := answers(map[string]proto.Message{"GetJobRun": &controlv1.GetJobRunResponse{JobRun: aRun()}})
	r = command(t.Context(), server.Start(t), "job-run", "retry", "01app", "01run")
	if r.failed == nil || !strings.Contains(r.failed.Error(), "is RUNNING") {
		t.Errorf("a run that is not over: %v", r.failed)
	}
}
