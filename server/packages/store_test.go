package packages

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func key(digit string) string { return strings.Repeat(digit, 64) }

// open returns a store whose other servers have what others says.
func open(t *testing.T, limit int64, others map[string]string) *Store {
	t.Helper()
	s, err := Open(t.TempDir(), limit, func(_ context.Context, key string) (io.ReadCloser, error) {
		if text, ok := others[key]; ok {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		return nil, errs.New(errs.NotFound, "no other server has it")
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Store) text(t *testing.T, key string) (string, error) {
	t.Helper()
	var all strings.Builder
	err := s.Stream(t.Context(), key, func(chunk []byte) error { all.Write(chunk); return nil })
	return all.String(), err
}

func TestStore_GivesWhatItOrAnotherServerHas(t *testing.T) {
	others := map[string]string{key("b"): "theirs"}
	s := open(t, 1000, others)
	if err := s.Put(key("a"), strings.NewReader("ours")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(key("a"), strings.NewReader("another's, later")); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{key("a"): "ours", key("b"): "theirs"} {
		if got, err := s.text(t, k); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	delete(others, key("b"))
	if got, err := s.text(t, key("b")); err != nil || got != "theirs" {
		t.Errorf("what another server gave was not kept: %q, %v", got, err)
	}
	if _, err := s.text(t, key("c")); !errs.Is(err, errs.NotFound) {
		t.Errorf("what nobody has: %v", err)
	}
}

func TestStore_TakesNoPathsForKeys(t *testing.T) {
	s := open(t, 1000, nil)
	for _, k := range []string{"", "../x", key("g"), key("a") + "/", strings.ToUpper(key("a"))} {
		_, err := s.text(t, k)
		if put := s.Put(k, strings.NewReader("x")); !errs.Is(put, errs.Invalid) || !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v, %v", k, put, err)
		}
	}
}

func TestStore_KeepsWhatIsAskedFor(t *testing.T) {
	s := open(t, 10, nil)
	past := time.Now().Add(-time.Hour)
	for _, k := range []string{key("a"), key("b")} {
		if err := s.Put(k, strings.NewReader("12345")); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(s.path(k), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.text(t, key("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(key("c"), strings.NewReader("12345")); err != nil {
		t.Fatal(err)
	}
	if !s.has(key("a")) || s.has(key("b")) || !s.has(key("c")) {
		t.Errorf("kept are a %v, b %v, c %v; want a, which was asked for, and c", s.has(key("a")), s.has(key("b")), s.has(key("c")))
	}
}

// brokenReader gives a little and breaks off.
type brokenReader struct{ given bool }

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.given {
		return 0, io.ErrUnexpectedEOF
	}
	b.given = true
	return copy(p, "half"), nil
}

func TestStore_KeepsNothingOfWhatBrokeOff(t *testing.T) {
	s := open(t, 1000, nil)
	if err := s.Put(key("a"), &brokenReader{}); err == nil || s.has(key("a")) {
		t.Errorf("half an archive is kept: %v", err)
	}
	if entries, _ := os.ReadDir(s.dir); len(entries) != 0 {
		t.Errorf("left are %v", entries)
	}
}
