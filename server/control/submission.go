package control

import (
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/support"
	"github.com/headrace/headrace/internal/upload"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// submission returns what is to run, with every default, if it may run anywhere.
func submission(r *controlv1.StartJobRunRequest) (*specv1.JobRun, error) {
	said := spec.DefaultJobRun(r.GetSpec())
	if err := spec.ValidateJobRun(said); err != nil {
		return nil, err
	}
	if err := support.Check(said); err != nil {
		return nil, err
	}
	if err := upload.Check(said); err != nil {
		return nil, err
	}
	return said, checkProgram(said.GetDriver())
}
