package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// pastRun is what the example asks of a job run of the history.
type pastRun struct {
	User    string            `parquet:"user"`
	State   string            `parquet:"state"`
	Failure string            `parquet:"failure_kind,optional"`
	Hours   float64           `parquet:"vcpu_hours"`
	Tags    map[string]string `parquet:"tags"`
}

// pastUser is what the example says of a user.
type pastUser struct {
	runs, failed int
	hours        float64
	failures     map[string]int
}

func failures() (string, error) {
	runs, err := parquet.ReadFile[pastRun]("examples/history/sample/2030-01-01-sample.parquet")
	users := map[string]*pastUser{}
	tagged := 0
	for _, run := range runs {
		if users[run.User] == nil {
			users[run.User] = &pastUser{failures: map[string]int{}}
		}
		users[run.User].add(run)
		if run.Tags["team"] == "data" {
			tagged++
		}
	}
	var out strings.Builder
	out.WriteString("user       runs  failed  vCPU hours  mostly\n")
	for _, name := range slices.Sorted(maps.Keys(users)) {
		u := users[name]
		fmt.Fprintf(&out, "%-9s %5d %7d %11.2f  %s\n", name, u.runs, u.failed, u.hours, u.mostly())
	}
	fmt.Fprintf(&out, "%d of them have the tag team=data\n", tagged)
	return out.String(), err
}

func (u *pastUser) add(run pastRun) {
	u.runs++
	u.hours += run.Hours
	if run.State == "FAILED" {
		u.failed++
		u.failures[run.Failure]++
	}
}

// mostly returns the most frequent kind of failure.
func (u *pastUser) mostly() string {
	kinds := slices.SortedFunc(maps.Keys(u.failures), func(a, b string) int {
		return cmp.Compare(u.failures[b], u.failures[a])
	})
	if len(kinds) == 0 {
		return "-"
	}
	return kinds[0]
}
