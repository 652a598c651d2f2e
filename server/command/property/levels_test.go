package property

import (
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

// plain is the spelling of these tests: names that begin with old. are written without it.
func plain(name string) string { return strings.TrimPrefix(name, "old.") }

func TestPut_AHigherLevelWinsAndInOneLevelItsOwnSpelling(t *testing.T) {
	l := Levels{}
	l.Put(Level{"", map[string]string{"a": "default", "b": "default"}}, plain)
	l.Put(Level{"low", map[string]string{"a": "low", "old.c": "old", "c": "own"}}, plain)
	l.Put(Level{"high", map[string]string{"old.a": "high"}}, plain)
	want := Levels{"a": {"high", "high"}, "b": {"default", ""}, "c": {"own", "low"}}
	for key, setting := range want {
		if l[key] != setting {
			t.Errorf("%s is %+v, want %+v", key, l[key], setting)
		}
	}
	if names := l.Names(); !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("names %v", names)
	}
	if l.Asked("b") || !l.Asked("a") || !l.Has("b") || l.Has("d") {
		t.Errorf("who asked for what in %v", l)
	}
	if field := l.LastField("c", "a", "b"); field != "high" {
		t.Errorf("the last field is %q", field)
	}
}

func TestRead_RefusesWhatIsNeither(t *testing.T) {
	l := Levels{}
	l.Put(Level{"f", map[string]string{"flag": " TRUE ", "count": "7", "word": "seven", "many": "2147483648"}}, plain)
	if on, err := l.Flag("flag"); !on || err != nil {
		t.Errorf("flag %v, error %v", on, err)
	}
	if n, err := l.Count("count", 7); n != 7 || err != nil {
		t.Errorf("count %d, error %v", n, err)
	}
	_, flag := l.Flag("word")
	_, word := l.Count("word", 0)
	_, least := l.Count("count", 8)
	_, many := l.Count("many", 0)
	for _, err := range []error{flag, word, least, many} {
		if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), "f: ") {
			t.Errorf("error %v, want Invalid with the field", err)
		}
	}
	if err := l.Hidden("word", "no"); strings.Contains(err.Error(), "seven") {
		t.Errorf("error %v says what may be secret", err)
	}
}
