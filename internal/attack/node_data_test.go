package attack

import (
	"errors"
	"io"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// serve opens a Data stream with a ticket, and answers what is asked with a log. It returns what was asked.
func (a *rawAgent) serve(ticket, log string) (*agentv1.ReadLog, error) {
	a.t.Helper()
	stream, err := a.Data(testcluster.Within(a.t))
	if err != nil {
		a.t.Fatal(err)
	}
	_ = stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_Ticket{Ticket: ticket}})
	for _, m := range []*agentv1.DataRequest{
		{Message: &agentv1.DataRequest_LogPart{LogPart: &agentv1.LogPart{Data: []byte(log)}}},
		{Message: &agentv1.DataRequest_LogEnd{LogEnd: &agentv1.LogEnd{}}},
	} {
		_ = stream.Send(m) // an honest agent waits for the question
	}
	asked, err := stream.Recv()
	return asked.GetReadLog(), grpcerr.FromStatus(err)
}

// A thief has learned the ticket of a stream that the victim was asked for. It neither gets what is asked, nor is its
// answer shown, nor is the ticket used up.
func TestNodeData_TheTicketOfAnotherNode(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	thief, _ := w.knownThief()
	w.victim.CutOff()
	victim := w.raw(w.cluster.Leader(), "victim", w.victim.ID)
	here := offer(w.victim.ID, "victim")
	for _, worker := range w.workers(w.run) {
		here.Inventory = append(here.Inventory, &agentv1.WorkerStatus{
			WorkerId: worker.GetWorkerId(),
			Epoch:    1,
			Phase:    agentv1.Phase_PHASE_RUNNING,
		})
	}
	session := victim.session(here).registered(t)
	reader, err := w.client().ReadLog(testcluster.Within(t), &controlv1.ReadLogRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
		Stream:        "stdout",
	})
	w.must(err)
	ticket := ""
	testcluster.Eventually(t, "the victim to be asked", func() bool {
		for _, m := range session.all() {
			ticket = m.GetOpenData().GetTicket()
		}
		return ticket != ""
	})
	for as, liar := range w.liars(w.cluster.Leader(), thief.id) {
		if asked, err := liar.serve(ticket, "forged"); asked != nil || err == nil ||
			errs.Is(err, errs.NotFound) && as == "as itself" {
			t.Errorf("%s is asked for %v, %v", as, asked, err)
		}
	}
	if asked, err := victim.serve(ticket, "true"); asked.GetStream() != "stdout" || err != nil {
		t.Errorf("the victim is asked for %v, %v", asked, err)
	}
	read := ""
	for {
		part, err := reader.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		w.must(err)
		read += string(part.GetData())
	}
	if read != "true" {
		t.Errorf("people read %q", read)
	}
}
