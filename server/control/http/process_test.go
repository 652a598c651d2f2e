package http_test

import (
	"strings"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// What the original does not have is shown to its clients as far as they understand it.
func (s *served) processRuns() {
	client, ctx := s.native()
	created, err := client.CreateApplication(ctx, &controlv1.CreateApplicationRequest{
		Spec: specv1.Application_builder{Engine: new(specv1.Engine_ENGINE_PROCESS)}.Build(),
	})
	must(s.t, err)
	id := created.GetApplication().GetApplicationId()
	started, err := client.StartJobRun(ctx, &controlv1.StartJobRunRequest{
		ApplicationId: id,
		Spec: specv1.JobRun_builder{Driver: specv1.JobDriver_builder{
			Process: specv1.Process_builder{Command: []string{"true"}}.Build(),
		}.Build()}.Build(),
	})
	must(s.t, err)
	run := s.ok("GET", "/applications/"+id+"/jobruns/"+started.GetJobRun().GetJobRunId(), "")
	a := s.ok("GET", "/applications/"+id, "")
	if a.text("application", "type") != "Process" || run.get("jobRun", "jobDriver", "process") == nil ||
		!strings.HasSuffix(run.text("jobRun", "executionRole"), ":role/default") ||
		!strings.HasSuffix(run.text("jobRun", "createdBy"), ":user/local") {
		s.t.Errorf("application %s, run %s", a.body, run.body)
	}
}
