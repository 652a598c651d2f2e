package spark

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/property"
	"github.com/headrace/headrace/server/command/words"
)

// optimization is the only setting of the classification spark.
const optimization = "dynamicAllocationOptimization"

// paced says whether the classification spark asks for paced growth.
func paced(service property.Level) (bool, error) {
	for _, key := range slices.Sorted(maps.Keys(service.Properties)) {
		if key != optimization {
			return false, errs.Field(service.Field,
				"%.40q is not a setting of the classification spark; the only one is %s",
				key, optimization)
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
