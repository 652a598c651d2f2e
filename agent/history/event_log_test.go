package history

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// partBytes is how much servers send at once.
const partBytes = 256 << 10

// keeper is a server that keeps event logs.
type keeper struct {
	agentv1.AgentServiceClient
	parts []*agentv1.FetchLogResponse
}

// FetchLog sends everything, whatever is asked for.
func (k keeper) FetchLog(
	context.Context, *agentv1.FetchLogRequest, ...grpc.CallOption,
) (grpc.ServerStreamingClient[agentv1.FetchLogResponse], error) {
	return &sending{parts: k.parts}, nil
}

// sending is a stream of parts.
type sending struct {
	grpc.ClientStream
	parts []*agentv1.FetchLogResponse
}

func (s *sending) Recv() (*agentv1.FetchLogResponse, error) {
	if len(s.parts) == 0 {
		return nil, io.EOF
	}
	next := s.parts[0]
	s.parts = s.parts[1:]
	return next, nil
}

// An event log is as long as users' are: of many parts, in one file or in several that follow one another.
func TestB_EventLogsOfManyPartsAreKeptWhole(t *testing.T) {
	const folder = "applications/a/jobs/r/sparklogs"
	for name, files := range map[string]map[string]int{
		"1 MB":   {"eventlog": 1 << 20},
		"50 MB":  {"eventlog": 50<<20 + 1},
		"rolled": {"eventlog_v2_r/events_1_r": 3 << 20, "eventlog_v2_r/events_2_r": 5, "eventlog_v2_r/appstatus_r": 0},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			e := &eventLog{
				from:   &agentv1.History{Folder: folder, JobRunId: "r", Attempt: 1},
				grant:  func() string { return "" },
				home:   &runtime.Home{},
				folder: filepath.Join(home, "events"),
			}
			if err := os.Mkdir(e.folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := e.fetchFrom(t.Context(), keeperOf(folder, files)); err != nil {
				t.Fatal(err)
			}
			for file, size := range files {
				kept, err := os.ReadFile(filepath.Join(e.folder, file))
				if err != nil || !bytes.Equal(kept, contentOf(file, size)) {
					t.Errorf("%s has %d of %d bytes: %v", file, len(kept), size, err)
				}
			}
			if complete, err := e.finish(); err != nil || !complete {
				t.Errorf("the event log is complete: %v, %v", complete, err)
			}
		})
	}
}

// keeperOf keeps files of these sizes in a folder.
func keeperOf(folder string, files map[string]int) keeper {
	var k keeper
	for file, size := range files {
		path := folder + "/" + file
		left := contentOf(file, size)
		for first := true; first || len(left) > 0; first = false {
			part := left[:min(len(left), partBytes)]
			left = left[len(part):]
			k.parts = append(k.parts, &agentv1.FetchLogResponse{Path: path, Data: part})
		}
	}
	return k
}

// contentOf is a content that no other file has.
func contentOf(file string, size int) []byte {
	line := []byte(fmt.Sprintf("an event of %s\n", file))
	return bytes.Repeat(line, size/len(line)+1)[:size]
}
