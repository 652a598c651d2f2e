package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// flagWords are what flags are given with in a test, where the kind of the flag does not tell it.
var flagWords = map[string]string{
	"engine":                "hive",
	"architecture":          "ARM64",
	"auto-start":            "false",
	"initial-capacity":      "DRIVER=1:4vCPU,16GB",
	"maximum-capacity":      "4vCPU,16GB",
	"runtime-configuration": `[{"classification":"spark-defaults"}]`,
	"configuration":         `[{"classification":"spark-defaults"}]`,
	"monitoring":            `{"s3MonitoringConfiguration":{"logUri":"s3://a/b"}}`,
	"queue-timeout-minutes": "20",
	"mode":                  "STREAMING",
	"on-disconnect":         "KEEP",
	"tag":                   "a=b",
	"env":                   "a=b",
	"conf":                  "a=b",
}

// flagsOf returns the flags of a command that may set a field.
func flagsOf(t *testing.T, words []string) (flags []*pflag.Flag) {
	t.Helper()
	root := &cobra.Command{Use: "headrace"}
	root.AddCommand(Commands(testEnv(&ran{}, ""))...)
	c, _, err := root.Find(words)
	if err != nil {
		t.Fatal(err)
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"file", "wait", "quiet", "help"}, f.Name) {
			flags = append(flags, f)
		}
	})
	return flags
}

// wordsOf returns a flag and its value as words of a command.
func wordsOf(f *pflag.Flag) []string {
	value, found := flagWords[f.Name]
	switch kind := f.Value.Type(); {
	case found:
		return []string{"--" + f.Name + "=" + value}
	case kind == "bool":
		return []string{"--" + f.Name}
	case kind == "size":
		return []string{"--" + f.Name, "3GB"}
	}
	return []string{"--" + f.Name, "3"}
}

// valuesOf lists what a message says: the paths of its fields in the names of the proto, without keys and places, and
// their values.
func valuesOf(at string, m protoreflect.Message) map[string]protoreflect.Value {
	all := map[string]protoreflect.Value{}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		path := at + string(fd.Name())
		if fd.Message() == nil || fd.IsMap() || fd.IsList() {
			all[path] = v
			return true
		}
		maps.Copy(all, valuesOf(path+".", v.Message()))
		return true
	})
	return all
}

// requested returns what the first request of a command says; nothing if it made none.
func requested(t *testing.T, words ...string) map[string]protoreflect.Value {
	t.Helper()
	server := answers(nil)
	command(t.Context(), server.Start(t), words...)
	if len(server.Calls()) == 0 {
		return nil
	}
	all := valuesOf("", server.Calls()[0].Request.ProtoReflect())
	if update, is := server.Calls()[0].Request.(*controlv1.UpdateApplicationRequest); is &&
		len(update.GetUpdateMask().GetPaths()) > 0 {
		all["spec."+update.GetUpdateMask().GetPaths()[0]] = protoreflect.ValueOfBool(true)
	}
	for _, path := range []string{"application_id", "update_mask.paths"} {
		delete(all, path)
	}
	return all
}

// besides returns the words that a flag needs besides itself.
func besides(command, flag string) []string {
	switch {
	case command == "update" && flag == "client-token":
		return []string{"--weight", "4"}
	case flag == "queue-timeout-minutes":
		return []string{"--max-concurrent-runs", "4"}
	case flag == "command":
		return []string{"--", "/x"}
	case slices.ContainsFunc(processFields, func(f fieldFlag) bool { return f.flag == flag }):
		return []string{"--command", "--", "/x"}
	}
	return nil
}

// Whatever a flag sets is called by that flag when a server refuses it. So each has to stand in the table of its
// command.
func TestFailure_NamesTheFlagThatSetsTheField(t *testing.T) {
	for _, words := range [][]string{
		{"application", "create"},
		{"application", "update", "01app"},
		{"job-run", "start", "01app"},
	} {
		for _, f := range flagsOf(t, words[:2]) {
			t.Run(words[1]+" --"+f.Name, func(t *testing.T) {
				without := append(slices.Clone(words), besides(words[1], f.Name)...)
				with := slices.Concat(words, wordsOf(f), besides(words[1], f.Name))
				if f.Name == "command" {
					without = words
				}
				before := requested(t, without...)
				after := requested(t, with...)
				maps.DeleteFunc(after, func(path string, v protoreflect.Value) bool { return before[path].Equal(v) })
				if len(after) == 0 {
					t.Fatalf("%q sets nothing", with)
				}
				for path := range after {
					refusal := errs.Field(path, "it is wrong")
					server := &clusterfake.Server{
						Answer: func(clusterfake.Call) (proto.Message, error) { return nil, refusal },
					}
					r := command(t.Context(), server.Start(t), with...)
					if want := ": --" + f.Name + ": "; !strings.Contains(r.failed.Error(), want) {
						t.Errorf("%s: %q lacks %q", path, r.failed, want)
					}
				}
			})
		}
	}
}

func TestFailure_NamesFieldsAsTheyWereWritten(t *testing.T) {
	run := file(t, "jobDriver: {sparkSubmit: {entryPoint: x}}\n")
	for _, c := range []struct{ words, field, message, want string }{
		{
			"job-run start a -f " + run,
			"spec.driver.spark_submit.entry_point", "no file", "jobDriver.sparkSubmit.entryPoint: no file",
		},
		{
			"job-run start a -f " + run + " --entry-point y",
			"spec.driver.spark_submit.entry_point", "no file", "--entry-point: no file",
		},
		{"job-run start a -f " + run, "client_token", "too long", "clientToken: too long"},
		{
			"job-run start a", "spec.driver", "it needs spark_submit or process",
			"jobDriver: it needs sparkSubmit or process",
		},
		{"job-run start a --entry-point x", "spec.driver", "not SPARK", "--entry-point: not SPARK"},
		{
			"job-run start a --entry-point x --arg y",
			"spec.driver.spark_submit.entry_point_arguments[0]", "bad", "--arg: [0]: bad",
		},
		{
			"job-run start a --entry-point x --conf a=b --spark-submit-parameters y",
			"spec.driver.spark_submit.spark_submit_parameters", "bad", "--spark-submit-parameters and --conf: bad",
		},
		{"job-run start a --entry-point x", "spec", "it is too large", "cannot start job run: it is too large"},
		{"application create", "spec.release_label", "it is needed", "--release: it is needed"},
		{"application create", "spec.network.subnet_ids[1]", "bad", "networkConfiguration.subnetIds[1]: bad"},
		{"application create --max-cpu 4", "spec.maximum_capacity", "too small", "--max-cpu: too small"},
		{
			"application create --maximum-capacity 4vCPU,16GB", "spec.maximum_capacity.milli_cpu", "too small",
			"--maximum-capacity: cpu: too small",
		},
		{
			"application create --initial-capacity DRIVER=1:4vCPU,16GB",
			"spec.initial_capacity[DRIVER].worker_size.milli_cpu",
			"too small for auto_stop",
			"--initial-capacity: [DRIVER].workerConfiguration.cpu: too small for autoStopConfiguration",
		},
		{"application update a --remove-monitoring", "spec.monitoring", "bad", "--remove-monitoring: bad"},
		{"application update a --tag aws:x=y", "tags", "reserved", "--tag: reserved"},
	} {
		refusal := errs.Field(c.field, "%s", c.message)
		server := &clusterfake.Server{Answer: func(clusterfake.Call) (proto.Message, error) { return nil, refusal }}
		r := command(t.Context(), server.Start(t), strings.Fields(c.words)...)
		if r.failed == nil || !strings.Contains(r.failed.Error(), c.want) || ExitCode(r.failed) != ExitRefused {
			t.Errorf("%s: error %v with exit code %d, want %q", c.words, r.failed, ExitCode(r.failed), c.want)
		}
	}
}
