package configuration

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The settings of section 7 of the specification of observability.
func TestCheck_KeepsTheLog4j2SettingsOfThePlatform(t *testing.T) {
	const field = "spec.runtime_configuration"
	check := func(c *specv1.Configuration) error {
		all := []*specv1.Configuration{class(SparkDefaults), c}
		return Check(state.EngineSpark, "emr-7.2.0", field, all)
	}
	for _, key := range []string{
		"rootLogger.appenderRef.stdout.ref", "appender.console.type", "appender.console.name",
		"appender.console.target", "appender.console.layout.type", "appender.console.layout.pattern",
	} {
		for _, name := range []string{SparkDriverLog4j2, SparkExecutorLog4j2} {
			err := check(class(name, "rootLogger.level", "error", key, "hunter2"))
			if e, _ := err.(*errs.Error); e == nil || e.Kind != errs.Invalid || e.Field != field ||
				!strings.Contains(e.Message, key+" in "+name) || strings.Contains(e.Message, "hunter2") {
				t.Errorf("%s in %s gives %v", key, name, err)
			}
		}
		if err := check(class(SparkDefaults, key, "x")); err != nil {
			t.Errorf("another classification may not have %s: %v", key, err)
		}
	}
	allowed := class(SparkDriverLog4j2, "rootLogger.level", "error", "logger.PySparkApp.level", "info")
	if err := check(allowed); err != nil {
		t.Errorf("what users may set is refused: %v", err)
	}
}
