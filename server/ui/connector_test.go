package ui

import (
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// The node that is asked to show a history may read its event log on the servers, and no other node, and nothing else.
func TestGranted_IsOfTheNodeThatIsAsked(t *testing.T) {
	c := &connector{grants: dispatch.Grants{Key: []byte("key")}}
	wanted := &agentv1.OpenUI{History: &agentv1.History{
		LogUri: dispatch.OnServers,
		Folder: "applications/a/jobs/r/sparklogs",
	}}
	grant := c.granted("n1", wanted).GetHistory().GetLogGrant()
	if err := c.grants.Check(grant, "n1", "applications/a/jobs/r/sparklogs", time.Now()); err != nil {
		t.Error(err)
	}
	if err := c.grants.Check(grant, "n2", "applications/a/jobs/r/sparklogs", time.Now()); err == nil ||
		wanted.GetHistory().GetLogGrant() != "" {
		t.Errorf("another node may read it, or what was asked of one node is asked of the next: %v", wanted)
	}
	for _, other := range []*agentv1.OpenUI{{WorkerId: "w"}, {History: &agentv1.History{LogUri: "s3://logs"}}} {
		if c.granted("n1", other).GetHistory().GetLogGrant() != "" {
			t.Errorf("%v is granted logs on the servers", other)
		}
	}
}
