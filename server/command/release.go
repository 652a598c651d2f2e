package command

import (
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// ProcessRelease is the label of applications of the PROCESS engine, which need no distribution.
const ProcessRelease = "process"

// checkRelease says whether an application may have a release: one of the table, which has Spark and Hive, or one that was added
// to this cluster for its engine.
func checkRelease(view *state.View, engine state.Engine, label string) error {
	_, known := releases.Lookup(label)
	added := view.Release(label)
	switch {
	case engine == state.EngineProcess && label != ProcessRelease:
		return errs.Field("release_label", "an application of the PROCESS engine has the release %q or none, not %q", ProcessRelease, label)
	case engine == state.EngineProcess || known:
		return nil
	case added == nil:
		return errs.Field("release_label", "there is no release %q; `headrace release list` shows those there are, `headrace release add` adds one", label)
	case added.Engine != engine:
		return errs.Field("release_label", "release %q is of engine %s, not %s", label, added.Engine, engine)
	}
	return nil
}

// before says whether a label of the form emr-x.y.z is older than a version. Every other label is one of the cluster's own, which
// is as new as it wants to be.
func before(label, version string) bool {
	rest, found := strings.CutPrefix(label, "emr-")
	return found && isVersion(rest) && !releases.AtLeast(label, version)
}

// isVersion says whether a text is three numbers with dots between.
func isVersion(text string) bool {
	parts := strings.Split(text, ".")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}
