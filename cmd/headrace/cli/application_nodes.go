package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nodeFlags are the flags of an application that say which nodes its workers go to.
type nodeFlags struct {
	constraints []string
	preferences []string
	spread      string
}

// nodeFields are the fields of an application that they set.
var nodeFields = []fieldFlag{
	{"constraint", "spec.constraints"},
	{"prefer", "spec.preferences"},
	{"spread", "spec.spread"},
}

func (n *nodeFlags) bind(flags *pflag.FlagSet) {
	flags.StringArrayVar(&n.constraints, "constraint", nil,
		"what every node of its workers meets, such as 'disk == nvme'; may be repeated; an update with '' removes all")
	flags.StringArrayVar(&n.preferences, "prefer", nil,
		"what nodes of its workers meet rather, the most important first; may be repeated")
	flags.StringVar(&n.spread, "spread", "", "label over whose values workers are spread, such as rack or zone")
}

// edit says what was given. An empty constraint, preference or label removes what was said before.
func (n *nodeFlags) edit(c *cobra.Command, e *edit) error {
	if given(c, "constraint") {
		e.name("constraints")
		e.spec.SetConstraints(nonEmpty(n.constraints))
	}
	if given(c, "prefer") {
		e.name("preferences")
		e.spec.SetPreferences(nonEmpty(n.preferences))
	}
	if given(c, "spread") {
		e.name("spread")
		if n.spread != "" {
			e.spec.SetSpread(n.spread)
		}
	}
	return nil
}

// nonEmpty returns the texts that say something.
func nonEmpty(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "" })
}
