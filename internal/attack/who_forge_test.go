package attack

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/mask"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Nobody does anything in somebody else's name by saying what only servers say to each other: what is done is done by
// the certificate's user, and what only operators may do is not done.
func TestWhoForge_TheWordsOfAServer(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	for _, s := range w.cluster.Servers {
		eve := w.eve(s)
		made, err := eve.CreateApplication(w.forged(), &controlv1.CreateApplicationRequest{Spec: processSpec("forged")})
		w.must(err)
		if by := made.GetApplication().GetCreatedBy(); by != "eve" {
			t.Errorf("%s takes eve for %q", s.ID(), by)
		}
		before := w.picture()
		for _, err := range []error{
			second(eve.CreateAccessKey(w.forged(), &controlv1.CreateAccessKeyRequest{User: "olga"})),
			second(uploads(w.forged(), eve, whoHeader("emr-7.2.0", "trojan"), []byte("trojan"))),
		} {
			if err == nil {
				t.Errorf("%s does it", s.ID())
			}
		}
		w.unmoved(before)
	}
	_, err := w.eve(w.cluster.Follower()).CancelJobRun(w.forged(), &controlv1.CancelJobRunRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	})
	w.must(err) // until authority is built everybody may
	if by := w.row(w.cluster.Leader()).GetCancelledBy(); by != "eve" {
		t.Errorf("the run was cancelled by %q", by)
	}
}

func second[T any](_ T, err error) error { return err }

// A certificate whose name is no user's lets nobody in, whatever its role: with an empty name, one that acts on a
// terminal, or one that would make an ARN of somebody else's.
func TestWhoForge_ACertificateWithoutAUser(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	before := w.picture()
	names := []string{"", " ", "ann\n", "\x1b[2Jann", "\u202enna", "ann/../olga", "a b", strings.Repeat("a", 65)}
	for _, common := range names {
		for _, role := range []string{mtls.Client, mtls.Operator} {
			name := w.certificate(role, common)
			for _, s := range w.cluster.Servers {
				c := w.cluster.As(s, role, name)
				request := &controlv1.CreateApplicationRequest{Spec: processSpec("nobodys")}
				_, err := c.CreateApplication(testcluster.Within(t), request)
				if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e\n") {
					t.Errorf("%q as %s on %s: %v", common, role, s.ID(), err)
				}
				if got, err := c.GetJobRun(testcluster.Within(t), &controlv1.GetJobRunRequest{
					ApplicationId: w.application,
					JobRunId:      w.run,
				}); err == nil {
					t.Errorf("%q as %s reads on %s: %v", common, role, s.ID(), got)
				}
			}
		}
	}
	w.unmoved(before)
}

// A role without the cluster's authority behind it, and a mask for a value, change nothing.
func TestWhoForge_AMaskForAValue(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newWhoWorld(t)
	w.submits()
	before := w.picture()
	for _, s := range w.cluster.Servers {
		_, err := w.eve(s).StartJobRun(testcluster.Within(t), &controlv1.StartJobRunRequest{
			ApplicationId: w.application,
			Spec:          processRun(specv1.Process_builder{Command: []string{"work", "--key=" + mask.Text}}.Build()),
		})
		if err == nil || !strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", s.ID(), err)
		}
	}
	w.unmoved(before)
}
