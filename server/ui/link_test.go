package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

var (
	links = Links{Key: []byte("key"), URL: "https://spark.example.com:7400/"}
	shown = Attempt{Application: "app", Run: "run", Number: 3}
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
)

func tokenOf(t *testing.T, l Links, a Attempt, now time.Time) string {
	t.Helper()
	link, _, err := l.Make(a, now)
	_, token, ok := strings.Cut(link, "?token=")
	if err != nil || !ok {
		t.Fatalf("the link is %q, %v", link, err)
	}
	return token
}

func TestLinks_LastAnHour(t *testing.T) {
	link, expires, err := links.Make(shown, noon)
	if err != nil || !strings.HasPrefix(link, "https://spark.example.com:7400/ui?token=") ||
		!expires.Equal(noon.Add(time.Hour)) {
		t.Fatalf("%s, %s, %v", link, expires, err)
	}
	token := tokenOf(t, links, shown, noon)
	if a, err := links.Check(token, noon.Add(59*time.Minute)); err != nil || a != shown {
		t.Errorf("after 59 minutes: %v, %v", a, err)
	}
	if _, err := links.Check(token, noon.Add(time.Hour)); !errs.Is(err, errs.Forbidden) ||
		!strings.Contains(err.Error(), "headrace job-run ui app run") {
		t.Errorf("after an hour: %v", err)
	}
}

func TestLinks_RefuseWhatTheyDidNotSign(t *testing.T) {
	token := tokenOf(t, links, shown, noon)
	for at := range token {
		changed := []byte(token)
		changed[at] ^= 1
		if a, err := links.Check(string(changed), noon); !errs.Is(err, errs.Forbidden) {
			t.Fatalf("with byte %d changed it is for %v, %v", at, a, err)
		}
	}
	other := Links{Key: []byte("other"), URL: links.URL}
	for _, token := range []string{
		"",
		".",
		"a.b.1.2.3",
		strings.Repeat("x", 1000),
		tokenOf(t, other, shown, noon),
		token[:len(token)-1],
		token + "x",
	} {
		if _, err := links.Check(token, noon); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestLinks_NeedAnAddress(t *testing.T) {
	if _, _, err := (Links{Key: []byte("key")}).Make(shown, noon); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
}

func FuzzLinks_Check(f *testing.F) {
	f.Add(links.token(shown, noon.Add(time.Hour)))
	f.Add("a.b.c.d.e")
	f.Fuzz(func(t *testing.T, token string) {
		if a, err := links.Check(token, noon); err == nil && links.token(a, noon.Add(time.Hour)) != token {
			t.Errorf("%q is taken for %v", token, a)
		}
	})
}
