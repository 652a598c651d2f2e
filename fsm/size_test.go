package fsm_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
)

// BenchmarkRun_Bytes prints what a Spark run costs beyond its own text, in the log and in a snapshot: while it waits,
// and when it is over.
func BenchmarkRun_Bytes(b *testing.B) {
	const runs = 100
	const application = "01m8kawka1hzs75vv8eqnh3b3h" // ids have 26 characters
	id := func(i int) string { return fmt.Sprintf("01m8kawka1hzs75vv8eqnh%04d", i) }
	for b.Loop() {
		s := newTeller(b)
		for _, line := range []string{
			"init", "node n1 zone=a cpu=64 mem=256 disk=2000", "create " + application + " spark auto logs",
			"submit first " + application + " spark",
		} {
			s.do(line)
		}
		before := len(snapshot(b, s.machine.View()))
		log := logBytes(s)
		for i := range runs {
			s.do("submit " + id(i) + " " + application + " spark")
		}
		own := proto.Size(s.machine.View().JobRun(id(0)).Spec)
		waiting := len(snapshot(b, s.machine.View()))
		b.ReportMetric(float64(waiting-before)/runs-float64(own), "B/waiting-run")
		b.ReportMetric(float64(logBytes(s)-log)/runs-float64(own), "log-B/run")
		for i := range runs {
			s.do("cancel " + id(i))
		}
		b.ReportMetric(float64(len(snapshot(b, s.machine.View()))-before)/runs-float64(own), "B/finished-run")
	}
}

// logBytes is the size of all records so far.
func logBytes(s *teller) (n int) {
	for _, record := range s.records {
		n += proto.Size(record)
	}
	return n
}
