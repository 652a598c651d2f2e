package spark

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/words"
)

// optimization is the one setting of the classification spark.
const optimization = "dynamicAllocationOptimization"

// paced reads the classification spark.
func paced(service Level) (bool, error) {
	for _, key := range slices.Sorted(maps.Keys(service.Properties)) {
		if key != optimization {
			return false, errs.Field(service.Field, "%.40q is no setting of it; there is %s", key, optimization)
		}
	}
	value, set := service.Properties[optimization]
	switch text := strings.ToLower(strings.TrimSpace(value)); {
	case text == "true":
		return true, nil
	case text == "false" || !set:
		return false, nil
	default:
		return false, errs.Field(service.Field, "%s=%s: write true or false", optimization, words.Excerpt(value))
	}
}
