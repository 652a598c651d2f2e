package consensus

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
)

// A data directory that a server voted with is refused to another id, one without a log is not.
func TestC5_ADirectoryBelongsToOneServer(t *testing.T) {
	config := DefaultConfig()
	config.DataDir = t.TempDir()
	config.Listen = "127.0.0.1:0"
	config.Log = slog.New(slog.DiscardHandler)
	use := func(id string, begin bool) (Standing, error) {
		config.ServerID = id
		c, err := Open(config, fsm.New())
		if err != nil {
			return Blank, err
		}
		standing, err := c.Standing()
		must(t, err)
		if begin {
			must(t, c.Bootstrap([]Server{{ID: id, Address: c.Address()}}))
		} else {
			must(t, c.Promise())
		}
		ended, end := context.WithCancel(t.Context())
		end()
		must(t, c.Run(ended))
		return standing, nil
	}
	for _, step := range []struct {
		id    string
		begin bool
		want  Standing
	}{
		{"a", false, Blank},
		{"a", false, Promised},
		{"b", false, Blank},
		{"a", true, Blank},
		{"a", false, Member},
	} {
		if got, err := use(step.id, step.begin); err != nil || got != step.want {
			t.Fatalf("%+v: standing %d, %v", step, got, err)
		}
	}
	if _, err := use("b", false); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "of server a") {
		t.Errorf("the directory of another server gives %v", err)
	}
}
