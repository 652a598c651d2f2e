package configuration

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// platforms are the Log4j2 settings with which workers write their logs where the agent takes them. If a run changed
// them, it would have no logs.
var platforms = []string{
	"rootLogger.appenderRef.stdout.ref", "appender.console.type", "appender.console.name", "appender.console.target",
	"appender.console.layout.type", "appender.console.layout.pattern",
}

// checkLog4j2 refuses the settings of the platform in the classifications of Log4j2. It does not look at other
// classifications.
func checkLog4j2(field string, c *specv1.Configuration) error {
	if c.GetClassification() != SparkDriverLog4j2 && c.GetClassification() != SparkExecutorLog4j2 {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(c.GetProperties())) {
		if slices.Contains(platforms, strings.TrimSpace(key)) {
			return errs.Field(field,
				"%s in %s cannot be set, because Headrace takes the logs from there; the settings that cannot be set "+
					"are %s",
				key, c.GetClassification(), strings.Join(platforms, ", "))
		}
	}
	return nil
}
