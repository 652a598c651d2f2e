package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
	"github.com/headrace/headrace/internal/spec"
)

// checkRelease says whether an application may have a release: one of the table, which has Spark and Hive, or one that
// was added to this cluster for its engine.
func checkRelease(view *state.View, engine state.Engine, label string) error {
	_, known := releases.Lookup(label)
	added := view.Release(label)
	switch {
	case engine == state.EngineProcess && label != spec.ProcessRelease:
		return errs.Field("spec.release_label",
			"an application of the PROCESS engine has the release %q or none, not %q",
			spec.ProcessRelease, label)
	case engine == state.EngineProcess || known:
		return nil
	case added == nil:
		return errs.Field("spec.release_label",
			"there is no release %q; `headrace release list` shows those there are, `headrace release add` adds one",
			label)
	case added.Engine != engine:
		return errs.Field("spec.release_label", "release %q is of engine %s, not %s", label, added.Engine, engine)
	}
	return nil
}
