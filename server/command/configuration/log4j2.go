package configuration

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// platforms are the Log4j2 settings by which workers write to where the agent takes logs from. A run that changed them would have
// no logs.
var platforms = []string{
	"rootLogger.appenderRef.stdout.ref", "appender.console.type", "appender.console.name", "appender.console.target",
	"appender.console.layout.type", "appender.console.layout.pattern",
}

// checkLog4j2 refuses the settings of the platform in the classifications of Log4j2; in others it finds nothing wrong.
func checkLog4j2(field string, c *specv1.Configuration) error {
	if c.GetClassification() != SparkDriverLog4j2 && c.GetClassification() != SparkExecutorLog4j2 {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(c.GetProperties())) {
		if slices.Contains(platforms, strings.TrimSpace(key)) {
			return errs.Field(field, "%s in %s cannot be set: Headrace takes the logs from there; not to be set are %s",
				key, c.GetClassification(), strings.Join(platforms, ", "))
		}
	}
	return nil
}
