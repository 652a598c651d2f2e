package output

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Numbers are numbers, wherever they stand, and what a message says can still be read back from its JSON.
func TestD4_NumbersAreNumbersInJSON(t *testing.T) {
	m := &controlv1.GetJobRunResponse{
		Record: math.MaxUint64,
		JobRun: &controlv1.JobRun{
			JobRunId:           "123",
			StateDetails:       `says "7", [8] and {9}`,
			DriverSize:         &controlv1.Resources{MilliCpu: 4000, MemoryMib: math.MinInt64},
			QueuedMilliseconds: 90_001,
			CreatedAt:          timestamppb.New(timestamppb.Now().AsTime()),
			Spec: specv1.JobRun_builder{
				ExecutionTimeoutMinutes: new(int64(60)),
				Tags:                    map[string]string{"1": "2", "execution_timeout_minutes": "3"},
				ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
					ApplicationConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
						Classification: new("c"),
						Properties:     map[string]string{"a": "4"},
					}.Build()},
				}.Build(),
			}.Build(),
		},
	}
	var out strings.Builder
	if err := JSON(&out, m); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"record": 18446744073709551615`, `"job_run_id": "123"`, `"milli_cpu": 4000`,
		`"memory_mib": -9223372036854775808`, `"queued_milliseconds": 90001`, `"execution_timeout_minutes": 60`,
		`"1": "2"`, `"execution_timeout_minutes": "3"`, `"a": "4"`, `"state_details": "says \"7\", [8] and {9}"`,
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("there is no %s in\n%s", part, out.String())
		}
	}
	if !json.Valid([]byte(out.String())) {
		t.Errorf("it is no JSON:\n%s", out.String())
	}
	again := &controlv1.GetJobRunResponse{}
	if err := protojson.Unmarshal([]byte(out.String()), again); err != nil || !proto.Equal(again, m) {
		t.Errorf("read back it is %v, %v", again, err)
	}
}

// A map whose values are messages with numbers, and whose keys are a user's words.
func TestD4_NumbersInMapsAreNumbersInJSON(t *testing.T) {
	size := specv1.WorkerSize_builder{MilliCpu: new(int64(1000))}.Build()
	a := &controlv1.Application{Spec: specv1.Application_builder{
		InitialCapacity: map[string]*specv1.InitialCapacity{
			"worker_count": specv1.InitialCapacity_builder{WorkerCount: new(int64(3)), WorkerSize: size}.Build(),
		},
	}.Build(), Pools: []*controlv1.Pool{{Wanted: 3}, {Wanted: 4}}}
	var out strings.Builder
	if err := JSONLine(&out, a); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"worker_count":{"worker_count":3`, `"milli_cpu":1000`, `"wanted":3`, `"wanted":4`} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("there is no %s in %s", part, out.String())
		}
	}
}
