package demand

import (
	"maps"
	"slices"
)

// Shortage says that an attempt cannot have all executors that its driver wants now, and why.
type Shortage struct {
	Kind    string // of what it waits for
	Has     uint32 // executors that it has
	Wants   uint32 // executors in all that its driver wants
	Message string // for people, with the numbers and what to do
}

// same says whether a driver need not be told again: what is free on nodes changes all the time.
func (s Shortage) same(other Shortage) bool {
	return s.Kind == other.Kind && s.Has == other.Has && s.Wants == other.Wants
}

// SetShortages takes what the newest plan left all attempts short of. Who reads Shorter and TakeShorter learns of those
// for which that is news, also that they are short no longer.
func (s *Store) SetShortages(now map[Attempt]Shortage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := false
	for at, shortage := range now {
		if before, short := s.short[at]; !short || !before.same(shortage) {
			s.short[at] = shortage
			s.shorter[at] = true
			news = true
		}
	}
	for at := range s.short {
		if _, short := now[at]; !short {
			delete(s.short, at)
			s.shorter[at] = true
			news = true
		}
	}
	if news {
		close(s.told)
		s.told = make(chan struct{})
	}
}

// Shortage returns what an attempt is short of; false: of nothing.
func (s *Store) Shortage(run string, attempt uint32) (shortage Shortage, short bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shortage, short = s.short[Attempt{run, attempt}]
	return shortage, short
}

// Shorter returns a channel that is closed when TakeShorter has more.
func (s *Store) Shorter() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// TakeShorter returns the attempts whose shortage has changed since the last call.
func (s *Store) TakeShorter() []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := slices.Collect(maps.Keys(s.shorter))
	clear(s.shorter)
	return changed
}
