package cli

import (
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// What a server hid from this caller is no value: a command that would write it down, compare it or send it on is
// refused instead.

// hiddenApplication refuses an application of which something was hidden.
func hiddenApplication(a *controlv1.Application) error {
	if !a.GetRedacted() {
		return nil
	}
	return errs.New(errs.Forbidden,
		"some values of application %s are hidden from you: "+
			"%s created it, and only that user and operators may read them",
		titled(a.GetSpec().GetName(), a.GetApplicationId()), a.GetCreatedBy())
}

// hiddenJobRun refuses a job run of which something was hidden.
func hiddenJobRun(r *controlv1.JobRun) error {
	if !r.GetRedacted() {
		return nil
	}
	return errs.New(errs.Forbidden,
		"some values of job run %s are hidden from you: "+
			"%s submitted it, and only that user and operators may read them",
		titled(r.GetSpec().GetName(), r.GetJobRunId()), r.GetCreatedBy())
}

// hidden says that something was hidden; empty: nothing was.
func hidden(refusal error) string {
	if refusal == nil {
		return ""
	}
	return refusal.Error()
}

// titled is what something is called in a message.
func titled(name, id string) string {
	if name == "" {
		return id
	}
	return name + " (" + id + ")"
}
