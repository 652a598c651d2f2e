package spec

import (
	"strings"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestA11_LogTypesBelongToTheEngine(t *testing.T) {
	for _, c := range []struct {
		engine      specv1.Engine
		worker, log string
		wrong       string // empty: it is right
	}{
		{specv1.Engine_ENGINE_SPARK, "SPARK_DRIVER", "STDOUT", ""},
		{specv1.Engine_ENGINE_SPARK, "HIVE_DRIVER", "STDOUT", "SPARK_DRIVER and SPARK_EXECUTOR"},
		{specv1.Engine_ENGINE_SPARK, "SPARK_DRIVER", "HIVE_LOG", "STDOUT, STDERR"},
		{specv1.Engine_ENGINE_HIVE, "TEZ_TASK", "SYSTEM_LOGS", ""},
		{specv1.Engine_ENGINE_HIVE, "HIVE_DRIVER", "SYSTEM_LOGS", "TEZ_AM"},
		{specv1.Engine_ENGINE_HIVE, "SPARK_DRIVER", "STDOUT", "HIVE_DRIVER and TEZ_TASK"},
		{specv1.Engine_ENGINE_PROCESS, "SPARK_DRIVER", "STDOUT", "no log types"},
	} {
		types := map[string]*specv1.LogTypes{c.worker: specv1.LogTypes_builder{Logs: []string{c.log}}.Build()}
		service := specv1.LogService_builder{Enabled: new(true), LogTypes: types}.Build()
		err := checkMonitoring("spec.monitoring", c.engine, specv1.Monitoring_builder{LogService: service}.Build())
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s of %s in %s gives %v, not %q", c.log, c.worker, c.engine, err, c.wrong)
		}
	}
}
