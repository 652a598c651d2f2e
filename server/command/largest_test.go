package command_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxDecision is what the log takes of one decision: maxDecisionBytes of package consensus.
const maxDecision = 2 << 20

// What may be said can be accepted: the largest submission over the largest settings, which a launch may repeat in two
// places.
func TestStartJobRun_OfTheLargestIsTakenByTheLog(t *testing.T) {
	for _, key := range []string{
		"spark.executorEnv.A%d", "spark.emr-serverless.driverEnv.A%d", "spark.hadoop.a%d", "spark.a%d",
	} {
		many := func(n int, classification string) *specv1.Configuration {
			properties := map[string]string{}
			for i := range n {
				properties[fmt.Sprintf(key, i)] = strings.Repeat("é", 1024)
			}
			return site(classification, properties)
		}
		w := newWorld(t)
		w.given(create("spark", auto, engine(state.EngineSpark, "emr-7.2.0"),
			inheriting(many(90, "spark-defaults"), many(30, "core-site"))))
		var parameters strings.Builder
		for i := range 60 {
			fmt.Fprintf(&parameters, "--conf "+key+"=%s ", i+200, strings.Repeat("é", 1024))
		}
		run := submit("r", 0, in("spark"), program(sparkDriver(parameters.String())), own(many(60, "hive-site")))
		if n := proto.Size(w.view.Application("spark").Spec) + proto.Size(run.Spec); n < 450<<10 {
			t.Fatalf("with %s both say %d bytes, which is not much", key, n)
		}
		events, err := w.when(run)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		bytes := 0
		for _, event := range events {
			bytes += proto.Size(event)
		}
		if bytes > maxDecision*3/4 {
			t.Errorf("with %s the decision has %d bytes of at most %d", key, bytes, maxDecision)
		}
	}
}
