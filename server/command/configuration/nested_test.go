package configuration

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// around is a classification with others in it.
func around(name string, in ...*specv1.Configuration) *specv1.Configuration {
	return specv1.Configuration_builder{Classification: &name, Configurations: in}.Build()
}

func TestA11_NestedConfigurationsCountAsIfTheyStoodAlone(t *testing.T) {
	const field = "spec.runtime_configuration"
	all := []*specv1.Configuration{around(Spark, class(SparkDefaults, "a", "b"), class(HiveSite, "c", "d"))}
	if err := Check(state.EngineSpark, "emr-7.2.0", field, all); err != nil {
		t.Fatal(err)
	}
	want := &eventv1.Settings{Configuration: []*specv1.Configuration{
		class(SparkDefaults, "a", "mine"),
		class(HiveSite, "c", "d"),
	}}
	mine := run(nil, around(Spark, class(SparkDefaults, "a", "mine")))
	if got := Effective(&eventv1.Settings{Configuration: all}, mine); !proto.Equal(got, want) {
		t.Errorf("in the end holds\n%v\nnot\n%v", got, want)
	}
	const level = "spec.configuration_overrides.application_configuration[spark-defaults]"
	if got := Field(mine, SparkDefaults); got != level {
		t.Errorf("an error names %s, not %s", got, level)
	}
	twice := append(all, class(HiveSite))
	err := Check(state.EngineSpark, "emr-7.2.0", field, twice)
	if err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same classification alone and nested: %v", err)
	}
}
