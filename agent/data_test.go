package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// readLog asks the agent for a log.
func readLog(t *testing.T, s *testServer, read *agentv1.ReadLog) agentv1.AgentService_DataServer {
	t.Helper()
	return ask(t, s, &agentv1.DataResponse{Message: &agentv1.DataResponse_ReadLog{ReadLog: read}})
}

// ask asks the agent for something and returns the stream, whose ticket was checked.
func ask(t *testing.T, s *testServer, wanted *agentv1.DataResponse) agentv1.AgentService_DataServer {
	t.Helper()
	s.sendNow(t, &agentv1.SessionResponse{Message: &agentv1.SessionResponse_OpenData{
		OpenData: &agentv1.OpenData{Ticket: "ticket", ServerAddress: s.address},
	}})
	stream := receive(t, "a data stream", s.data)
	if first, err := stream.Recv(); err != nil || first.GetTicket() != "ticket" {
		t.Fatalf("the stream began with %v, %v", first, err)
	}
	if err := stream.Send(wanted); err != nil {
		t.Fatal(err)
	}
	return stream
}

// collect receives parts until the log has that text, or ends.
func collect(t *testing.T, stream agentv1.AgentService_DataServer, text *string, until string) (end *agentv1.LogEnd) {
	t.Helper()
	for {
		message, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if end := message.GetLogEnd(); end != nil {
			return end
		}
		*text += string(message.GetLogPart().GetData())
		if *text == until {
			return nil
		}
	}
}

func TestData_FollowsALogWhileItIsWritten(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	gate := filepath.Join(t.TempDir(), "gate")
	server.assign(t, complete(1, script(id, "echo one; while [ ! -e "+gate+" ]; do sleep 0.01; done; echo two")))
	server.statusOf(t, id, agentv1.Phase_PHASE_RUNNING)
	stream := readLog(t, server, &agentv1.ReadLog{WorkerId: id, Stream: "stdout", Offset: 1, Follow: true})
	var text string
	if end := collect(t, stream, &text, "ne\n"); end != nil {
		t.Fatalf("the log ended with %v while the worker writes", end)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if end := collect(t, stream, &text, "all"); end.GetError() != "" || text != "ne\ntwo\n" {
		t.Errorf("the log is %q, its end %v", text, end)
	}
}

func TestData_SaysWhyALogCannotBeRead(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	for _, read := range []*agentv1.ReadLog{
		{WorkerId: "nobody", Stream: "stdout", Follow: true},
		{WorkerId: "nobody", Stream: "secrets"},
		{WorkerId: "../x", Stream: "stderr"},
	} {
		var text string
		if end := collect(t, readLog(t, server, read), &text, "all"); end.GetError() == "" {
			t.Errorf("reading %v gave %q", read, text)
		}
	}
}

// A program can make a log of terabytes of nothing at once: nobody is sent its zeros.
func TestData_AHoleEndsALog(t *testing.T) {
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	server.assign(t, complete(1, script(id, "echo before; truncate -s 8M /proc/self/fd/1")))
	server.statusOf(t, id, agentv1.Phase_PHASE_ENDED)
	if said := a.runtime.Tail(id, "stdout", 10); len(said) == 0 {
		t.Skip("truncate is missing")
	}
	for offset, want := range map[int64]string{0: "before\n", 2 << 20: ""} {
		var text string
		end := collect(t, readLog(t, server, &agentv1.ReadLog{WorkerId: id, Stream: "stdout", Offset: offset}), &text, "all")
		if strings.TrimRight(text, "\x00") != want || len(text) > 64<<10 || end.GetError() == "" {
			t.Errorf("from byte %d the log has %d bytes, %.20q, its end is %v", offset, len(text), text, end)
		}
	}
}
