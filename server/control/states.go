package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// checkStates holds that the states of a filter are names of those from first to last.
func checkStates[S interface {
	~int32
	fmt.Stringer
}](states []string, first, last S) error {
	var names []string
	for s := first; s <= last; s++ {
		names = append(names, s.String())
	}
	for _, s := range states {
		if !slices.Contains(names, s) {
			return errs.Field("states", "%.60q is none of %s", s, strings.Join(names, ", "))
		}
	}
	return nil
}
