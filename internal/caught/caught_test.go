package caught_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
)

func TestDo_TurnsAPanicIntoAnInternalErrorWithItsStackInTheLog(t *testing.T) {
	var log bytes.Buffer
	p := caught.New(slog.New(slog.NewTextHandler(&log, nil)))
	err := p.Do("the work of a test", func() error { return explode(nil) }, "run", "r-1")
	if !errs.Is(err, errs.Internal) || !caught.Is(err) || caught.Is(errs.New(errs.Internal, "other")) || p.Count() != 1 {
		t.Errorf("error %v, counted %d", err, p.Count())
	}
	for _, want := range []string{"the work of a test", "nil pointer", "run=r-1", "caught_test.explode"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
}

func explode(nowhere *int) error { return errors.New(string(rune(*nowhere))) }

func TestDo_PassesOnWhatIsNoPanic(t *testing.T) {
	p := caught.New(slog.New(slog.DiscardHandler))
	own := errors.New("own")
	if err := p.Do("work", func() error { return own }); !errors.Is(err, own) || p.Count() != 0 {
		t.Errorf("error %v, counted %d", err, p.Count())
	}
}

func TestDo_LogsFewStacksOfManyPanics(t *testing.T) {
	var log bytes.Buffer
	p := caught.New(slog.New(slog.NewTextHandler(&log, nil)))
	for range 1000 {
		_ = p.Do("work", func() error { panic("again") })
	}
	if n := strings.Count(log.String(), "stack="); n < 1 || n > 50 || p.Count() != 1000 {
		t.Errorf("1,000 panics wrote %d stacks and were counted as %d", n, p.Count())
	}
}

func TestDo_WithoutAnybodyWhoCounts(t *testing.T) {
	var p *caught.Panics
	if err := p.Do("work", func() error { panic("nobody") }); !errs.Is(err, errs.Internal) || p.Count() != 0 {
		t.Errorf("error %v, counted %d", err, p.Count())
	}
}
