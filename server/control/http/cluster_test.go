package http_test

import (
	"fmt"
	nethttp "net/http"
	"testing"
)

// Any server answers, and what one said another knows; a token is remembered when all of them begin anew.
func TestCluster_AnyServerAnswersAndTokensOutliveIt(t *testing.T) {
	t.Parallel()
	s := serve(t, 3)
	const body = `{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"kept","name":%q}`
	id := ""
	for i := range s.cluster.Servers {
		a := s.askAt(i, "POST", "/applications", fmt.Sprintf(body, "a"))
		if id == "" {
			id = a.text("applicationId")
		}
		if a.status != nethttp.StatusOK || a.text("applicationId") != id {
			t.Errorf("server %d: %d %s", i, a.status, a.body)
		}
		if a := s.askAt((i+1)%3, "GET", "/applications/"+id, ""); a.text("application", "state") != "CREATED" {
			t.Errorf("the next server says %s", a.body)
		}
	}
	s.cluster.StopAll()
	for _, server := range s.cluster.Servers {
		server.Start()
	}
	s.cluster.Leader()
	s.await()
	if a := s.ok("POST", "/applications", fmt.Sprintf(body, "a")); a.text("applicationId") != id {
		t.Errorf("after a restart the token made another application: %s", a.body)
	}
	s.refused("POST", "/applications", fmt.Sprintf(body, "b"), 409, "ConflictException", "kept", id)
}
