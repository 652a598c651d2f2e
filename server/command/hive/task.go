package hive

// countTasks resolves how many Tez tasks there are.
func countTasks(s *Settings, l levels) (err error) {
	if s.MaxTasks, err = l.Count(maxTasks, 1); err != nil {
		return err
	}
	warm, err := l.Flag(prewarm)
	if err != nil {
		return err
	}
	n, err := l.Count(prewarmTasks, 0)
	if err != nil || !warm {
		return err
	}
	if n > s.MaxTasks && l.Asked(prewarmTasks) {
		return l.Invalid(prewarmTasks, "the run would start with %d Tez tasks, and %s is %d", n, maxTasks, s.MaxTasks)
	}
	s.Initial = min(n, s.MaxTasks)
	return nil
}
