package upload

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// place is where a job run may name a file: a field, and what stands there.
type place struct {
	field string
	value string
}

// places returns the places of a job run. There is at most one in a command: its program.
func places(run *specv1.JobRun) (all []place) {
	driver := run.GetDriver()
	if driver.HasSparkSubmit() {
		all = append(all, place{"spec.driver.spark_submit.entry_point", driver.GetSparkSubmit().GetEntryPoint()})
	}
	if command := driver.GetProcess().GetCommand(); len(command) > 0 {
		all = append(all, place{"spec.driver.process.command", command[0]})
	}
	if command := driver.GetProcess().GetTaskCommand(); len(command) > 0 {
		all = append(all, place{"spec.driver.process.task_command", command[0]})
	}
	return all
}

// Named is a file that a job run names.
type Named struct {
	File
	// Field is where, such as spec.driver.spark_submit.entry_point.
	Field string
}

// Files returns the files that a job run names, in each place. What is no URI of one is left out: Check refuses that
// when the run is submitted.
func Files(run *specv1.JobRun) (files []Named) {
	for _, p := range places(run) {
		if !Is(p.value) {
			continue
		}
		if file, err := Parse(p.value); err == nil {
			files = append(files, Named{File: file, Field: p.field})
		}
	}
	return files
}

// Check holds that a job run names files only where it may, and by URIs of files.
func Check(run *specv1.JobRun) error {
	for _, p := range places(run) {
		if !Is(p.value) {
			continue
		}
		if _, err := Parse(p.value); err != nil {
			return errs.Field(p.field, "%w", err)
		}
	}
	if strings.Contains(run.GetDriver().GetSparkSubmit().GetSparkSubmitParameters(), digestPrefix) {
		return errs.Field("spec.driver.spark_submit.spark_submit_parameters",
			"cannot use an uploaded file here: only the entry point can be one; put this file where nodes reach it, "+
				"such as s3://")
	}
	return nil
}
