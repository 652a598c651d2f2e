package spark

import (
	"math"
	"strings"

	"github.com/headrace/headrace/server/command/property"
)

// maxTogether bounds the executors without which a run does not start: they are placed with its driver in one record of
// the log, or not at all.
const maxTogether = 10_000

// countExecutors resolves how many executors there are.
func countExecutors(s *Settings, l levels) (err error) {
	if s.Dynamic, err = l.flag(dynamic); err != nil {
		return err
	}
	if !s.Dynamic {
		return countStatic(s, l)
	}
	if s.Minimum, err = l.Count(minimum, 0); err != nil {
		return err
	}
	if s.Maximum, err = l.maximum(); err != nil {
		return err
	}
	if s.Minimum > maxTogether {
		return l.Invalid(minimum,
			"%d executors would have to be placed together, and the most is %d; ask for the others with %s",
			s.Minimum, maxTogether, initial)
	}
	if s.Minimum > s.Maximum {
		return l.Invalid(l.blame(minimum, maximum), "the minimum of %d executors is above the maximum of %d",
			s.Minimum, s.Maximum)
	}
	return countInitial(s, l)
}

// countStatic counts executors without dynamic allocation. Spark asks for all of them at once and works with those that
// it gets, so one is enough to start.
func countStatic(s *Settings, l levels) error {
	n, err := l.Count(instances, 1)
	s.Initial = n
	s.Minimum = 1
	s.Maximum = n
	return err
}

// countInitial does what Spark's Utils.getDynamicAllocationInitialExecutors does, on what was asked for.
func countInitial(s *Settings, l levels) error {
	s.Initial = s.Minimum
	wanted := ""
	for _, key := range []string{initial, instances} {
		n, err := l.Count(key, 0)
		if err != nil {
			return err
		}
		if l.Asked(key) && (wanted == "" || n > s.Initial) {
			wanted = key
			s.Initial = max(s.Initial, n)
		}
	}
	if wanted == "" {
		n, err := l.Count(initial, 0)
		s.Initial = max(s.Minimum, min(n, s.Maximum))
		return err
	}
	if s.Initial > s.Maximum {
		return l.Invalid(wanted, "the run would start with %d executors, and %s is %d", s.Initial, maximum, s.Maximum)
	}
	return nil
}

// maximum reads the maximum of executors. The word infinity and Spark's own largest number mean that there is no bound.
func (l levels) maximum() (uint32, error) {
	if strings.EqualFold(l.Text(maximum), infinity) {
		return math.MaxUint32, nil
	}
	n, err := l.Count(maximum, 1)
	if n == property.MaxCount {
		n = math.MaxUint32
	}
	return n, err
}

// blame returns which of two properties somebody asked for; the first if both.
func (l levels) blame(a, b string) string {
	if l.Asked(a) {
		return a
	}
	return b
}

func paceExecutors(s *Settings, l levels) (err error) {
	s.BatchSize, err = l.Count(batchSize, 1)
	return err
}
