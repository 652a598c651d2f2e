package spark

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
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
	switch value := strings.ToLower(strings.TrimSpace(service.Properties[optimization])); value {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, errs.Field(service.Field, "%s=%.40s: write true or false", optimization, value)
	}
}
