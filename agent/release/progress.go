package release

import (
	"fmt"
	"time"
)

// Progress tells how far a step is. The same step is told many times while Done grows.
type Progress struct {
	Step    string        // what is being done, such as: Spark 3.5.1: download
	Done    int64         // bytes done
	Total   int64         // bytes in all; 0: not known
	Elapsed time.Duration // since the step began
	Ended   bool          // this is the last report of the step
}

// String returns the line for people.
func (p Progress) String() string {
	const mega = 1_000_000
	text := p.Step
	switch {
	case p.Total > 0:
		text += fmt.Sprintf("  %d of %d MB (%d %%)", p.Done/mega, p.Total/mega, min(p.Done*100/p.Total, 100))
	case p.Done > 0:
		text += fmt.Sprintf("  %d MB", p.Done/mega)
	}
	return text + fmt.Sprintf("  %.1f s", p.Elapsed.Seconds())
}

// step reports one step to a callback that may be nil.
type step struct {
	tell  func(Progress)
	name  string
	total int64
	began time.Time
}

// begin starts a step and reports it.
func begin(tell func(Progress), name string, total int64) *step {
	if tell == nil {
		tell = func(Progress) {}
	}
	s := &step{tell: tell, name: name, total: total, began: time.Now()}
	s.at(0)
	return s
}

// at reports that many bytes.
func (s *step) at(done int64) {
	s.tell(Progress{Step: s.name, Done: done, Total: s.total, Elapsed: time.Since(s.began)})
}

// end reports the end of the step.
func (s *step) end() {
	s.tell(Progress{Step: s.name, Done: s.total, Total: s.total, Elapsed: time.Since(s.began), Ended: true})
}

// watch reports how many bytes there are, again and again, until the returned function is called, which waits for its
// end.
func (s *step) watch(size func() int64) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				s.at(min(size(), s.total))
			}
		}
	}()
	return func() { close(done); <-ended }
}
