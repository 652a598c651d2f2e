package client

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func submission(b specv1.JobRun_builder) proto.Message {
	return &controlv1.StartJobRunRequest{ApplicationId: "é", Spec: b.Build()}
}

func TestCheckTexts_NamesTheFieldThatIsNoText(t *testing.T) {
	process := func(b specv1.Process_builder) proto.Message {
		return submission(specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: b.Build()}.Build()})
	}
	const driver = "spec.driver.process"
	for want, request := range map[string]proto.Message{
		"":                            submission(specv1.JobRun_builder{Name: new("é")}),
		"application_id":              &controlv1.GetJobRunRequest{ApplicationId: "\xff"},
		"spec.name":                   submission(specv1.JobRun_builder{Name: new("a\xff")}),
		"spec.tags[k]":                submission(specv1.JobRun_builder{Tags: map[string]string{"k": "\xfe"}}),
		driver + ".command[1]":        process(specv1.Process_builder{Command: []string{"a", "\xff"}}),
		driver + `.environment[\xff]`: process(specv1.Process_builder{Environment: map[string]string{"\xff": "a"}}),
	} {
		err := checkTexts(request)
		if want == "" && err == nil {
			continue
		}
		if !errs.Is(err, errs.Invalid) || err.Error() != want+": it is no valid UTF-8" {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
