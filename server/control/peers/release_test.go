package peers

import (
	"errors"
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

func TestCheckRelease_NamesWhatIsWrong(t *testing.T) {
	right := func() state.Release {
		return state.Release{
			Label:         "own-spark",
			Engine:        state.EngineSpark,
			EngineVersion: "3.5.1",
			Digest:        make([]byte, 32),
			SizeBytes:     maxArchive,
		}
	}
	if err := CheckRelease(right()); err != nil {
		t.Errorf("a release that is right: %v", err)
	}
	for field, changes := range map[string][]func(*state.Release){
		"label": {
			func(r *state.Release) { r.Label = "" },
			func(r *state.Release) { r.Label = "a b" },
			func(r *state.Release) { r.Label = strings.Repeat("a", 65) },
			func(r *state.Release) { r.Label = "process" },
		},
		"engine":         {func(r *state.Release) { r.Engine = state.EngineHive }},
		"engine_version": {func(r *state.Release) { r.EngineVersion = "-1" }},
		"digest":         {func(r *state.Release) { r.Digest = r.Digest[:31] }},
		"size_bytes": {
			func(r *state.Release) { r.SizeBytes = 0 },
			func(r *state.Release) { r.SizeBytes = maxArchive + 1 },
		},
	} {
		for i, change := range changes {
			r := right()
			change(&r)
			known := &errs.Error{}
			if err := CheckRelease(r); !errors.As(err, &known) || known.Kind != errs.Invalid || known.Field != field {
				t.Errorf("%s, change %d: %v", field, i, err)
			}
		}
	}
}
