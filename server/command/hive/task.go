package hive

// countTasks resolves how many Tez tasks there are.
func countTasks(s *Settings, l levels) (err error) {
	if s.MaxTasks, err = l.count(maxTasks, 1); err != nil {
		return err
	}
	warm, err := l.flag(prewarm)
	if err != nil {
		return err
	}
	n, err := l.count(prewarmTasks, 0)
	if err != nil || !warm {
		return err
	}
	if n > s.MaxTasks && l.asked(prewarmTasks) {
		return l.invalid(prewarmTasks, "the run would start with %d Tez tasks, and %s is %d", n, maxTasks, s.MaxTasks)
	}
	s.Initial = min(n, s.MaxTasks)
	return nil
}
