package control

import (
	"fmt"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/execve"
)

// checkProgram holds that Linux can start what a driver names.
func checkProgram(d *specv1.JobDriver) error {
	switch d.WhichDriver() {
	case specv1.JobDriver_SparkSubmit_case:
		const field = "spec.driver.spark_submit.entry_point_arguments"
		return checkArguments(field, d.GetSparkSubmit().GetEntryPointArguments())
	case specv1.JobDriver_Process_case:
		return checkProcess("spec.driver.process", d.GetProcess())
	}
	return nil
}

func checkProcess(at string, p *specv1.Process) error {
	if name, err := execve.Environment(p.GetEnvironment()); err != nil {
		return errs.Field(at+".environment", "the variable %.60q: %w", name, err)
	}
	if err := checkCommand(at+".command", p.GetCommand(), p.GetEnvironment()); err != nil {
		return err
	}
	return checkCommand(at+".task_command", p.GetTaskCommand(), p.GetEnvironment())
}

func checkCommand(field string, command []string, environment map[string]string) error {
	if err := checkArguments(field, command); err != nil {
		return err
	}
	if err := execve.Total(execve.Size(command...) + execve.EnvironmentSize(environment)); err != nil {
		return errs.Field(field, "with the environment: %w", err)
	}
	return nil
}

func checkArguments(field string, arguments []string) error {
	for i, argument := range arguments {
		if err := execve.Argument(argument); err != nil {
			return errs.Field(fmt.Sprintf("%s[%d]", field, i), "%w", err)
		}
	}
	return nil
}
