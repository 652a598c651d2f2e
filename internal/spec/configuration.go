package spec

import (
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxNesting bounds how deep classifications are nested.
const maxNesting = 10

// checkNesting holds that classifications are not nested too deep, before anything else is asked of them: what goes
// through them calls itself.
func checkNesting(at string, all []*specv1.Configuration, depth int) error {
	if len(all) > 0 && depth > maxNesting {
		return errs.Field(at, "configurations are nested more than %d deep", maxNesting)
	}
	for _, c := range all {
		if err := checkNesting(at, c.GetConfigurations(), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkClassifications holds that each classification stands once in its list.
func checkClassifications(at string, all []*specv1.Configuration) error {
	seen := make(map[string]bool, len(all))
	for i, c := range all {
		here := at + indexed(i)
		if seen[c.GetClassification()] {
			return errs.Field(here+".classification", "the classification %.80q stands twice; write all its properties into one",
				c.GetClassification())
		}
		seen[c.GetClassification()] = true
		if err := checkClassifications(here+".configurations", c.GetConfigurations()); err != nil {
			return err
		}
	}
	return nil
}
