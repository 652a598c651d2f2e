package cli

import (
	"strings"

	"github.com/spf13/cobra"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func (b *submission) setSpark(r *controlv1.StartJobRunRequest) {
	spark := r.GetSparkSubmit()
	if spark == nil {
		spark = &controlv1.SparkSubmit{}
	}
	if b.spark.EntryPoint != "" {
		spark.EntryPoint = b.spark.EntryPoint
	}
	if len(b.spark.EntryPointArguments) > 0 {
		spark.EntryPointArguments = b.spark.EntryPointArguments
	}
	words := []string{spark.SparkSubmitParameters}
	if b.spark.SparkSubmitParameters != "" {
		words = []string{b.spark.SparkSubmitParameters}
	}
	for _, pair := range b.conf {
		words = append(words, "--conf "+quote(pair))
	}
	spark.SparkSubmitParameters = strings.TrimSpace(strings.Join(words, " "))
	r.Driver = &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: spark}
}

// quote keeps a word whole in the parameters, which are split as a shell does.
func quote(word string) string {
	if !strings.ContainsAny(word, " \t\n'\"\\") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func (b *submission) setProcess(c *cobra.Command, r *controlv1.StartJobRunRequest, command []string) error {
	environment, err := tags(b.env)
	if err != nil {
		return err
	}
	p := orNew(r.GetProcess())
	if b.command {
		p.Command = command
	}
	set := map[string]func(){
		"task-command": func() { p.TaskCommand = strings.Fields(b.task) }, "tasks": func() { p.Tasks = b.process.GetTasks() },
		"task-retries": func() { p.TaskRetries = b.process.GetTaskRetries() }, "env": func() { p.Environment = environment },
	}
	for name, do := range set {
		if c.Flags().Changed(name) {
			do()
		}
	}
	p.DriverSize, p.TaskSize = first(b.driverSize.resources(), p.DriverSize), first(b.taskSize.resources(), p.TaskSize)
	r.Driver = &controlv1.StartJobRunRequest_Process{Process: p}
	return nil
}
