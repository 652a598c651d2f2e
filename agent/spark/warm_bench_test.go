package spark

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A small PySpark query in a driver and an executor that waited, new ones every time: seconds from its start until its
// session stands, and until its first result; CPU seconds until they wait; memory while they wait.
func BenchmarkWarm(b *testing.B) {
	for range b.N {
		n := newNode(b)
		script, err := filepath.Abs("../../examples/bench/query.py")
		if err != nil {
			b.Fatal(err)
		}
		w := assignment("file://"+script, map[string]string{"spark.executor.instances": "1"})
		n.rehearse(w)
		for name, warm := range n.warm {
			report(b, name, warm.process.Process.Pid)
		}
		began := time.Now()
		n.start(w)
		out := n.wait()
		for _, phase := range []string{"session", "first_task", "first_result"} {
			_, rest, _ := strings.Cut(out, phase+" ")
			at, err := strconv.ParseFloat(strings.Fields(rest + " none")[0], 64)
			if err != nil {
				b.Fatalf("no %s in %s", phase, out)
			}
			b.ReportMetric(at-float64(began.UnixMilli())/1000, phase+"-s")
			b.Logf("%s after %.2f s", phase, at-float64(began.UnixMilli())/1000)
		}
	}
}

// report tells the CPU time and the memory of a process, with the children that it has waited for.
func report(b *testing.B, name string, pid int) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	ticks := 0.0
	for _, field := range fields[11:15] {
		value, _ := strconv.ParseFloat(field, 64)
		ticks += value
	}
	pages, _ := strconv.ParseFloat(fields[21], 64)
	b.ReportMetric(ticks/100, name+"-cpu-s")
	b.ReportMetric(pages*float64(os.Getpagesize())/(1<<20), name+"-MiB")
}
