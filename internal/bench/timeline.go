package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// timeline is when a run reached what, in seconds after it was submitted.
type timeline map[string]float64

// phases are what a time line may have, in order.
var phases = []string{"accepted", "placed", "jvm_up", "session", "first_task", "first_result", "end"}

// printLines prints time lines side by side.
func printLines(w io.Writer, lines map[string]timeline) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "seconds after submission\t%s\t\n", strings.Join(who, "\t"))
	for _, phase := range phases {
		fmt.Fprintf(table, "%s\t", phase)
		for _, one := range who {
			if at, ok := lines[one][phase]; ok {
				fmt.Fprintf(table, "%.2f", at)
			}
			fmt.Fprint(table, "\t")
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
	fmt.Fprintln(w)
}

// watch takes the phases that the cluster tells.
func (t timeline) watch(watch eventStream, began time.Time) error {
	for {
		event, err := watch.Recv()
		if err != nil {
			return err
		}
		switch event.GetKind() {
		case "AttemptScheduled":
			t["placed"] = time.Since(began).Seconds()
		case "AttemptRunning":
			t["jvm_up"] = time.Since(began).Seconds()
		case "JobRunEnded":
			t["end"] = time.Since(began).Seconds()
			if event.GetState() != "SUCCESS" {
				return fmt.Errorf("the Spark run ended %s", event.GetState())
			}
			return nil
		}
	}
}

func (t timeline) readLog(next func() (*controlv1.ReadLogResponse, error), began time.Time) error {
	var text strings.Builder
	for {
		part, err := next()
		if errors.Is(err, io.EOF) {
			return t.read(text.String(), began)
		}
		if err != nil {
			return err
		}
		text.Write(part.GetData())
	}
}

// read takes the phases that the program prints.
func (t timeline) read(printed string, began time.Time) error {
	for line := range strings.Lines(printed) {
		var phase string
		var at float64
		if n, _ := fmt.Sscanf(line, "%s %f", &phase, &at); n == 2 {
			t[phase] = at - float64(began.UnixMilli())/1000
		}
	}
	if t["first_result"] == 0 {
		return fmt.Errorf("the program printed no first result: %q", printed)
	}
	return nil
}
