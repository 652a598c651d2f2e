package control

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// Slots that are held ready are shown where they are and whose they are, as they become ready and are used.
func TestPools_AreShownOfNodeAndApplication(t *testing.T) {
	s := serve(t)
	id := s.node("n1", "a")
	row := *s.door.View().Node(id)
	row.Java, row.Python = []uint32{11, 17}, "3.11.7"
	s.do((&command.RegisterNode{Node: row}).Decide)
	application := s.create(func(a *specv1.Application) { hold(a, "DRIVER", 3, 1000, 2) })
	_, err := s.StartApplication(t.Context(), &controlv1.StartApplicationRequest{ApplicationId: application})
	must(t, err)
	s.do(
		(&command.ReserveSlots{
			ApplicationID: application,
			Type:          state.TypeDriver,
			Shares:        []command.Share{{Node: id, Count: 3}},
		}).Decide,
	)
	var ready []command.SlotStatus
	for slot := range s.door.View().PoolOfNode(id) {
		ready = append(ready, command.SlotStatus{SlotID: slot.ID, Ready: true})
	}
	want := func(held, ready, inUse int64) {
		t.Helper()
		a, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: application})
		must(t, err)
		wantSame(
			t,
			"pool",
			a.GetApplication().GetPools()[0],
			&controlv1.Pool{WorkerType: "DRIVER", Wanted: 3, Held: held, Ready: ready, InUse: inUse},
		)
	}
	want(3, 0, 0)
	s.do((&command.ReportSlots{Node: id, Statuses: ready[:2]}).Decide)
	want(3, 2, 0)
	s.do((&command.ReportSlots{Node: id, Statuses: ready}).Decide)
	run := s.submit(application, nil)
	s.do((&command.Place{JobRunID: run, Attempt: 1, Zone: "a", Driver: id, DriverSlot: ready[0].SlotID}).Decide)
	want(3, 3, 1)
	got, err := s.GetNode(t.Context(), &controlv1.GetNodeRequest{NodeId: "n1"})
	must(t, err)
	n := got.GetNode()
	if n.GetSlots() != 3 || n.GetWorkers() != 1 || n.GetPythonVersion() != "3.11.7" || len(n.GetJavaVersions()) != 2 ||
		got.GetWorkers()[0].GetSlotId() != ready[0].SlotID {
		t.Errorf("node %v, workers %v", n, got.GetWorkers())
	}
}

// A node that joins waits for an operator, who names it as tools print certificates.
func TestApproveNode_OfTheCertificateThatWasLookedAt(t *testing.T) {
	s := serve(t)
	row := state.Node{
		ID:          "01arz3ndektsv4rrffq69g5fav",
		Name:        "n-1",
		Zone:        "a",
		Host:        "h",
		Capacity:    resource.Vector{MilliCPU: 1, MemoryMiB: 1, DiskMiB: 1},
		Certificate: state.NodeCertificate{Name: "n-1", SHA256: "ab01"},
	}
	s.do(func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		meta.Limits.ApproveNodes = true
		return (&command.RegisterNode{Node: row}).Decide(view, meta)
	})
	got, err := s.GetNode(t.Context(), &controlv1.GetNodeRequest{NodeId: "n-1"})
	must(t, err)
	if n := got.GetNode(); n.GetState() != "NOT_APPROVED" || !n.GetHeldBack() || n.GetCertificateName() != "n-1" ||
		n.GetCertificateSha256() != "ab01" ||
		n.GetJoinedAt() == nil {
		t.Errorf("the node is %v", n)
	}
	status, err := s.GetClusterStatus(t.Context(), &controlv1.GetClusterStatusRequest{})
	must(t, err)
	if status.GetNodesNotApproved() != 1 || status.GetNodesReady() != 0 || status.GetCapacity().GetMilliCpu() != 0 {
		t.Errorf("the status is %v", status)
	}
	_, err = s.ApproveNode(t.Context(), &controlv1.ApproveNodeRequest{NodeId: "n-1", CertificateSha256: "AB:02"})
	wantError(t, err, errs.WrongState, "", "ab01", "ab02")
	for range 2 { // a repetition is a success
		approved, err := s.ApproveNode(
			t.Context(),
			&controlv1.ApproveNodeRequest{NodeId: "n-1", CertificateSha256: "AB:01"},
		)
		must(t, err)
		if approved.GetNode().GetState() != "READY" {
			t.Errorf("approved is %v", approved)
		}
	}
}

func TestNodes_NameWhatIsWrong(t *testing.T) {
	s := serve(t)
	_, err := s.GetNode(t.Context(), &controlv1.GetNodeRequest{NodeId: "nowhere"})
	wantError(t, err, errs.NotFound, "", "nowhere")
	_, err = s.ForgetNode(t.Context(), &controlv1.ForgetNodeRequest{NodeId: "nowhere"})
	wantError(t, err, errs.NotFound, "", "nowhere")
	_, err = s.ApproveNode(t.Context(), &controlv1.ApproveNodeRequest{NodeId: "nowhere"})
	wantError(t, err, errs.NotFound, "", "nowhere")
	_, err = s.ListNodes(t.Context(), &controlv1.ListNodesRequest{MaxResults: 1001})
	wantError(t, err, errs.Invalid, "max_results", "1001", "1000")
	_, err = s.ListNodes(t.Context(), &controlv1.ListNodesRequest{NextToken: "!"})
	wantError(t, err, errs.Invalid, "next_token")
}
