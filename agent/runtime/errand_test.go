package runtime

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestErrand_GivesWhatItsProgramMadeAndLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, r *Runtime) {
		var made string
		stdout, stderr, err := r.Run(t.Context(), Errand{
			Prepare: func(home *Home) (Command, error) {
				script := shell("cat given; cat given >&2; cat given given > made")
				return script, home.Work.WriteFile("given", []byte("given\n"), 0o600)
			},
			Collect: func(home *Home) error {
				file, err := home.Work.Open("made")
				if err != nil {
					return err
				}
				defer func() { _ = file.Close() }()
				content, err := io.ReadAll(file)
				made = string(content)
				return err
			},
		})
		if err != nil || string(stdout) != "given\n" || string(stderr) != "given\n" || made != "given\ngiven\n" {
			t.Errorf("%q, %q, %q, %v", stdout, stderr, made, err)
		}
		for _, dir := range []string{r.root(), r.homes(false)} {
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("%v are left in %s, %v", entries, dir, err)
			}
		}
	})
}

func TestErrand_EndsWithWhoWaits(t *testing.T) {
	r := testRuntime(t)
	ctx, cancel := context.WithCancel(t.Context())
	id := ""
	go func() {
		defer cancel()
		eventually(t, "it begins", func() bool {
			logs, _ := filepath.Glob(r.root() + "/errand-*/stdout")
			return len(logs) == 1 && len(r.Tail(filepath.Base(filepath.Dir(logs[0])), "stdout", 10)) > 0
		})
	}()
	_, _, err := r.Run(ctx, Errand{Prepare: func(home *Home) (Command, error) {
		id = home.ID
		return shell("echo began; " + longSleep), nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	nothingLeft(t, id)
}

func TestErrand_SaysHowItFailed(t *testing.T) {
	r := testRuntime(t)
	_, stderr, err := r.Run(t.Context(), Errand{Prepare: func(*Home) (Command, error) {
		return shell("echo why >&2; exit 3"), nil
	}})
	if err == nil || !strings.Contains(err.Error(), "code 3") || string(stderr) != "why\n" {
		t.Errorf("%q, %v", stderr, err)
	}
	_, _, err = r.Run(t.Context(), Errand{Prepare: func(*Home) (Command, error) {
		return Command{}, errors.New("cannot prepare")
	}})
	if err == nil || err.Error() != "cannot prepare" {
		t.Errorf("%v", err)
	}
}
