package codec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestPath_IsOfTheDialect(t *testing.T) {
	application := (&specv1.Application{}).ProtoReflect().Descriptor()
	run := (&specv1.JobRun{}).ProtoReflect().Descriptor()
	const logTypes = "monitoringConfiguration.cloudWatchLoggingConfiguration.logTypes"
	const idle = "autoStopConfiguration.idleTimeoutMinutes"
	const argument = "jobDriver.sparkSubmit.entryPointArguments[3]"
	for _, c := range []struct {
		md              protoreflect.MessageDescriptor
		path, file, api string
	}{
		{application, "", "", ""},
		{application, "spec", "spec", ""},
		{application, "name", "name", "name"},
		{application, "spec.engine", "spec.type", "type"},
		{application, "spec.auto_stop.idle_timeout_minutes", "spec." + idle, idle},
		{
			application, "spec.initial_capacity[Driver].worker_size.milli_cpu",
			"spec.initialCapacity[Driver].workerConfiguration.cpu", "initialCapacity.Driver.workerConfiguration.cpu",
		},
		{
			application, "spec.initial_capacity[a.b].x[c]].worker_count",
			"spec.initialCapacity[a.b].x[c]].workerCount", "initialCapacity.a.b].x[c].workerCount",
		},
		{application, "spec.initial_capacity[Driver]", "spec.initialCapacity[Driver]", "initialCapacity.Driver"},
		{
			application, "spec.runtime_configuration[0].properties[spark.x[1].y]",
			"spec.runtimeConfiguration[0].properties[spark.x[1].y]", "runtimeConfiguration[0].properties.spark.x[1].y",
		},
		{
			application, "spec.runtime_configuration[spark-defaults].configurations[1].classification",
			"spec.runtimeConfiguration[spark-defaults].configurations[1].classification",
			"runtimeConfiguration[spark-defaults].configurations[1].classification",
		},
		{application, "spec.monitoring.log_service.log_types[D].logs[1]", "spec." + logTypes + "[D][1]", logTypes + ".D[1]"},
		{
			application, "spec.network.subnet_ids[1]",
			"spec.networkConfiguration.subnetIds[1]", "networkConfiguration.subnetIds[1]",
		},
		{application, "spec.none.of_these", "spec.none.of_these", "none.of_these"},
		{application, "spec.network.none[1].x", "spec.networkConfiguration.none[1].x", "networkConfiguration.none[1].x"},
		{application, "spec.initial_capacity[Driver", "spec.initialCapacity[Driver]", "initialCapacity.Driver"},
		{application, "spec.tags.x", "spec.tags.x", "tags.x"},
		{application, "specification", "specification", "specification"},
		{run, "spec.driver.spark_submit.entry_point_arguments[3]", "spec." + argument, argument},
		{(&controlv1.CreateApplicationRequest{}).ProtoReflect().Descriptor(), "spec.engine", "spec.type", "spec.type"},
	} {
		if file, api := File.Path(c.md, c.path), API.Path(c.md, c.path); file != c.file || api != c.api {
			t.Errorf("%s: %s and %s, want %s and %s", c.path, file, api, c.file, c.api)
		}
	}
}

func TestLeaves_KnowClassificationsByName(t *testing.T) {
	a := specv1.Application_builder{
		Engine: specv1.Engine_ENGINE_SPARK.Enum(),
		RuntimeConfiguration: []*specv1.Configuration{
			specv1.Configuration_builder{
				Classification: new("spark-defaults"),
				Properties:     map[string]string{"b": "", "a.b": "2"},
				Configurations: []*specv1.Configuration{specv1.Configuration_builder{Classification: new("export")}.Build()},
			}.Build(),
		},
		MaximumCapacity: specv1.MaximumCapacity_builder{MilliCpu: new(int64(4000)), MemoryMib: new(int64(100))}.Build(),
		AutoStop:        specv1.AutoStop_builder{Enabled: new(false), IdleTimeoutMinutes: new(int64(0))}.Build(),
		Monitoring:      specv1.Monitoring_builder{S3: &specv1.S3Monitoring{}}.Build(),
		Network:         specv1.Network_builder{SubnetIds: []string{"a", "b"}}.Build(),
	}.Build()
	var got []string
	for _, l := range Leaves(a) {
		got = append(got, l.Path+"="+l.Text)
		if (l.Key != "") != strings.Contains(l.Path, "properties") || !strings.HasSuffix(l.Path, l.Key+"]") && l.Key != "" {
			t.Errorf("%s has the key %q", l.Path, l.Key)
		}
	}
	want := []string{
		"type=SPARK",
		"maximumCapacity.cpu=4 vCPU",
		"maximumCapacity.memory=100 MB",
		"autoStopConfiguration.enabled=false",
		"autoStopConfiguration.idleTimeoutMinutes=0",
		"runtimeConfiguration[spark-defaults].properties[a.b]=2",
		"runtimeConfiguration[spark-defaults].properties[b]=",
		"runtimeConfiguration[spark-defaults].configurations[export]={}",
		"monitoringConfiguration.s3MonitoringConfiguration={}",
		"networkConfiguration.subnetIds[0]=a",
		"networkConfiguration.subnetIds[1]=b",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each leaf of a message is where its own path says, and a problem there is told with the path that its writer knows.
func TestLeaves_StandWhereTheyWereWritten(t *testing.T) {
	for _, m := range fullMessages() {
		n := readYAML(t, writeYAML(t, File.Encode(m)))
		lines := map[int]string{}
		for _, l := range Leaves(m) {
			line := n.LineOf(l.Path)
			if other, twice := lines[line]; twice || line == 0 {
				t.Errorf("%s and %s stand in line %d", l.Path, other, line)
			}
			lines[line] = l.Path
		}
		if len(lines) < 20 {
			t.Errorf("only %d leaves", len(lines))
		}
	}
}

// protoLeaves lists the paths of all fields of a message, in the names of the proto.
func protoLeaves(path string, m protoreflect.Message) (all []string) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		at := dotted(path, string(fd.Name()))
		switch {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				all = append(all, protoBelow(at+"["+k.String()+"]", v, fd.MapValue())...)
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				all = append(all, protoBelow(fmt.Sprintf("%s[%d]", at, i), v.List().Get(i), fd)...)
			}
		default:
			all = append(all, protoBelow(at, v, fd)...)
		}
		return true
	})
	return all
}

func protoBelow(path string, v protoreflect.Value, fd protoreflect.FieldDescriptor) []string {
	if fd.Message() == nil {
		return []string{path}
	}
	return protoLeaves(path, v.Message())
}

// Every path in the names of the proto leads to the line in which its value was written.
func TestPath_LeadsToItsLine(t *testing.T) {
	for _, m := range fullMessages() {
		n := readYAML(t, writeYAML(t, File.Encode(m)))
		lines := map[int]string{}
		for _, path := range protoLeaves("", m.ProtoReflect()) {
			file := File.Path(m.ProtoReflect().Descriptor(), path)
			line := n.LineOf(file)
			if other, twice := lines[line]; twice || line == 0 {
				t.Errorf("%s and %s stand in line %d", path, other, line)
			}
			lines[line] = path
		}
	}
}

func TestWords_AreTheNamesThatUsersKnow(t *testing.T) {
	md := (&specv1.JobRun{}).ProtoReflect().Descriptor()
	for text, want := range map[string]string{
		"exactly one of spark_submit, hive and process":    "exactly one of sparkSubmit, hive and process",
		"bound it with max_failed_attempts_per_hour":       "bound it with maxFailedAttemptsPerHour",
		`"spark_submit \" policy_arns" is not policy_arns`: `"spark_submit \" policy_arns" is not policyArns`,
		"no_such_field, x_ and _y":                         "no_such_field, x_ and _y",
		"execution_policy":                                 "executionIamPolicy",
	} {
		if got := Words(md, text); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}
