package spec

import (
	"fmt"
	"strings"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// workerType is a type of worker that an application of an engine may have.
type workerType struct {
	engine specv1.Engine
	name   string // upper case, without dashes and underscores
	is     eventv1.WorkerType
}

// workerTypes holds the names that users write: those of the API, and those of its samples.
var workerTypes = []workerType{
	{specv1.Engine_ENGINE_SPARK, "DRIVER", eventv1.WorkerType_WORKER_TYPE_DRIVER},
	{specv1.Engine_ENGINE_SPARK, "EXECUTOR", eventv1.WorkerType_WORKER_TYPE_EXECUTOR},
	{specv1.Engine_ENGINE_HIVE, "DRIVER", eventv1.WorkerType_WORKER_TYPE_HIVE_DRIVER},
	{specv1.Engine_ENGINE_HIVE, "HIVEDRIVER", eventv1.WorkerType_WORKER_TYPE_HIVE_DRIVER},
	{specv1.Engine_ENGINE_HIVE, "TEZTASK", eventv1.WorkerType_WORKER_TYPE_TEZ_TASK},
	{specv1.Engine_ENGINE_HIVE, "EXECUTOR", eventv1.WorkerType_WORKER_TYPE_TEZ_TASK},
	{specv1.Engine_ENGINE_PROCESS, "DRIVER", eventv1.WorkerType_WORKER_TYPE_DRIVER},
	{specv1.Engine_ENGINE_PROCESS, "TASK", eventv1.WorkerType_WORKER_TYPE_TASK},
}

// workerTypeNames says for people which types an engine has.
var workerTypeNames = map[specv1.Engine]string{
	specv1.Engine_ENGINE_SPARK:   "DRIVER and EXECUTOR",
	specv1.Engine_ENGINE_HIVE:    "DRIVER and TEZ_TASK",
	specv1.Engine_ENGINE_PROCESS: "DRIVER and TASK",
}

// plainType leaves out of a type's name what users write in several ways.
var plainType = strings.NewReplacer("_", "", "-", "")

// WorkerTypeOf returns the type that a user means by a name such as Driver, TezTask or TEZ_TASK in an application of an
// engine. Its error has no field: the name is a key of several maps.
func WorkerTypeOf(engine specv1.Engine, name string) (eventv1.WorkerType, error) {
	plain := plainType.Replace(word(name))
	for _, t := range workerTypes {
		if t.engine == engine && t.name == plain {
			return t.is, nil
		}
	}
	return 0, fmt.Errorf(
		"an application of engine %s has workers of the types %s, not %.60q",
		engineName(engine),
		workerTypeNames[engine],
		name,
	)
}

// checkWorkerTypes holds that the keys of a map are types of an engine, each type once.
func checkWorkerTypes(at string, engine specv1.Engine, keys []string) error {
	seen := map[eventv1.WorkerType]bool{}
	for _, key := range keys {
		t, err := WorkerTypeOf(engine, key)
		switch {
		case err != nil:
			return wrong(at+keyed(key), "%w", err)
		case seen[t]:
			return wrong(at+keyed(key), "%s stands twice; there is at most one entry per type", typeName(t))
		}
		seen[t] = true
	}
	return nil
}

func engineName(e specv1.Engine) string { return strings.TrimPrefix(e.String(), "ENGINE_") }

func typeName(t eventv1.WorkerType) string { return strings.TrimPrefix(t.String(), "WORKER_TYPE_") }

// word brings a name that users write in several ways into one: upper case, without spaces around it.
func word(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
