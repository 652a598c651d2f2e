package logreader

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/logs"
)

// script is a log at a node and where it is stored, and what becomes of them.
type script struct {
	log    string
	stored int                               // bytes of the log that are stored
	ever   bool                              // something is stored
	node   func(try int) (give int, e error) // how much further the node gives, before the error
	fate   func(tries int) fate
	after  func(s *script) // called after each read of the store

	tries int
	got   string
}

var errBroken = errs.New(errs.Unavailable, "the node went away")

func (s *script) reader(t *testing.T, follow bool, from int64) *logCopy {
	s.got = s.log[:from]
	return &logCopy{
		follow: follow, offset: from, pause: time.Microsecond, patience: time.Millisecond,
		node: func(_ context.Context, offset int64, take logs.Take) error {
			s.tries++
			give, err := s.node(s.tries)
			end := min(int(offset)+give, len(s.log))
			for at := int(offset); at < end; at += 3 {
				if err := take(int64(at), []byte(s.log[at:min(at+3, end)])); err != nil {
					return err
				}
			}
			return err
		},
		stored: func(_ context.Context, offset int64, take logs.Take) (bool, error) {
			if s.after != nil {
				defer s.after(s)
			}
			if int(offset) < s.stored {
				return true, take(offset, []byte(s.log[offset:s.stored]))
			}
			return s.ever || s.stored > 0, nil
		},
		fate: func(context.Context) (fate, error) { return s.fate(s.tries), nil },
		send: func(offset int64, data []byte) error {
			if int(offset) != len(s.got) {
				t.Fatalf("%d bytes at %d follow %d", len(data), offset, len(s.got))
			}
			s.got += string(data)
			return nil
		},
	}
}

const aLog = "0 the first line\n1 the second line\n2 the last line\n"

// The node breaks off at every byte, storage ends at every byte, and the node comes back: the log is whole, once and in
// order.
func TestReadLog_TheNodeBreaksAnywhereAndComesBack(t *testing.T) {
	for broken := range len(aLog) + 1 {
		for stored := range len(aLog) + 1 {
			for _, follow := range []bool{false, true} {
				s := &script{
					log:    aLog,
					stored: stored,
					fate:   func(int) fate { return fate{live: true} },
					node: func(try int) (int, error) {
						if try == 1 {
							return broken, errBroken
						}
						return len(aLog), nil
					},
				}
				r := s.reader(t, follow, 0)
				r.patience = time.Minute
				if note, err := r.run(t.Context()); err != nil || note != "" || s.got != aLog {
					t.Fatalf("broken at %d, %d stored: %q, %q, %v", broken, stored, s.got, note, err)
				}
			}
		}
	}
}

// The node breaks off at every byte and is lost then: what is stored follows, and a reader is told that it may be less
// than all.
func TestReadLog_TheNodeBreaksAnywhereAndIsLost(t *testing.T) {
	for broken := range len(aLog) + 1 {
		for stored := range len(aLog) + 1 {
			for _, follow := range []bool{false, true} {
				s := &script{
					log: aLog, stored: stored, node: func(int) (int, error) { return broken, errBroken },
					fate: func(tries int) fate { return fate{gone: tries > 0, cut: tries > 0, live: tries == 0} },
				}
				r := s.reader(t, follow, 0)
				r.patience = time.Minute
				note, err := r.run(t.Context())
				if err != nil || note != noteLost || s.got != aLog[:max(broken, stored)] {
					t.Fatalf("broken at %d, %d stored: %q, %q, %v", broken, stored, s.got, note, err)
				}
			}
		}
	}
}

// The node has released the older part, which is stored: that first, then the rest from the node.
func TestReadLog_TheOlderPartIsStoredOnly(t *testing.T) {
	const released = 20
	s := &script{log: aLog, stored: 30, fate: func(int) fate { return fate{live: true} }}
	r := s.reader(t, true, 5)
	r.node = func(_ context.Context, offset int64, take logs.Take) error {
		if offset < released {
			return errs.New(errs.NotFound, "released")
		}
		return take(offset, []byte(aLog[offset:]))
	}
	if note, err := r.run(t.Context()); err != nil || note != "" || s.got != aLog {
		t.Errorf("%q, %q, %v", s.got, note, err)
	}
}

// What a node took away while it was lost still arrives: the end is where nothing has come for a while.
func TestReadLog_WaitsUntilWhatIsStoredStopsGrowing(t *testing.T) {
	s := &script{
		log:    aLog,
		stored: 1,
		node:   func(int) (int, error) { return 0, errBroken },
		fate:   func(int) fate { return fate{gone: true} },
		after:  func(s *script) { s.stored = min(s.stored+1, len(aLog)) },
	}
	if note, err := s.reader(t, true, 0).run(t.Context()); err != nil || note != "" || s.got != aLog {
		t.Errorf("%q, %q, %v", s.got, note, err)
	}
}

func TestReadLog_EndsWithAReasonWhereThereIsNothing(t *testing.T) {
	gone := func(int) fate { return fate{gone: true} }
	removed := errs.New(errs.NotFound, "it was removed an hour ago")
	for _, c := range []struct {
		name   string
		fate   func(int) fate
		node   error
		change func(*logCopy)
		kind   errs.Kind // 0: none
		note   string
	}{
		{"nothing stored, the node gone", gone, errBroken, nil, 0, noteNothing},
		{"taken nowhere, the node gone", gone, errBroken, func(r *logCopy) { r.stored = nil }, errs.NotFound, ""},
		{
			"taken nowhere, removed from the node",
			func(int) fate { return fate{} }, removed, func(r *logCopy) { r.stored = nil }, errs.NotFound, "",
		},
		{"nothing stored, removed from the node", func(int) fate { return fate{} }, removed, nil, errs.NotFound, ""},
		{"not begun", func(int) fate { return fate{live: true} }, removed, nil, errs.NotFound, ""},
		{"nothing stored, the node silent", func(int) fate { return fate{live: true} }, errBroken, nil, errs.Unavailable, ""},
		{"the store fails", gone, errBroken, func(r *logCopy) {
			r.stored = func(context.Context, int64, logs.Take) (bool, error) { return true, errBroken }
		}, errs.Unavailable, ""},
	} {
		s := &script{log: aLog, fate: c.fate, node: func(int) (int, error) { return 0, c.node }}
		r := s.reader(t, false, 0)
		if c.change != nil {
			c.change(r)
		}
		note, err := r.run(t.Context())
		if note != c.note || errs.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
			t.Errorf("%s: %q, %v", c.name, note, err)
		}
	}
}

func TestReadLog_ASilentNodeIsWaitedForOnlyAWhile(t *testing.T) {
	s := &script{
		log:    aLog,
		stored: 10,
		node:   func(int) (int, error) { return 0, errBroken },
		fate:   func(int) fate { return fate{live: true} },
	}
	if note, err := s.reader(t, false, 0).run(t.Context()); err != nil || note != noteSilent || s.got != aLog[:10] {
		t.Errorf("%q, %q, %v", s.got, note, err)
	}
}

func TestReadLog_EndsWithItsCaller(t *testing.T) {
	s := &script{
		log:    aLog,
		stored: 10,
		node:   func(int) (int, error) { return 5, errBroken },
		fate:   func(int) fate { return fate{live: true} },
	}
	gone := errors.New("the caller went away")
	r := s.reader(t, true, 0)
	r.send = func(int64, []byte) error { return gone }
	if _, err := r.run(t.Context()); !errors.Is(err, gone) || s.tries != 1 {
		t.Errorf("%v after %d tries", err, s.tries)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r = s.reader(t, true, 0)
	r.node = func(context.Context, int64, logs.Take) error { cancel(); return errBroken }
	if _, err := r.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
