package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// acts does much to a terminal: its title, its screen, a line above, the direction of writing, and a sequence of C1.
const acts = "a\x1b]0;owned\x07\x1b[2J\x1b[1A\r\u202eb\u009b31m\x7f\u2028c"

// inYAML is the same as YAML writes it.
const inYAML = `"a\e]0;owned\a\e[2J\e[1A\r\u202eb\u009b31m\x7f\u2028c"`

// filled returns a message in which every text acts on a terminal.
func filled[M proto.Message](m M) M {
	fill(m.ProtoReflect(), 0)
	return m
}

// asIs are the fields by which commands decide what to do.
var asIs = map[string]string{"JobRun.state": "FAILED", "Application.state": "CREATED", "AccessKey.state": "ACTIVE"}

func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.Name() == "next_token", field.Name() == "redacted", depth > 3:
		case field.IsMap():
			value := element(
				func() protoreflect.Value { return m.Mutable(field).Map().NewValue() },
				field.MapValue(),
				depth,
			)
			m.Mutable(field).Map().Set(element(nil, field.MapKey(), depth).MapKey(), value)
		case field.IsList():
			m.Mutable(field).
				List().
				Append(element(func() protoreflect.Value { return m.Mutable(field).List().NewElement() }, field, depth))
		default:
			m.Set(field, element(func() protoreflect.Value { return m.NewField(field) }, field, depth))
		}
	}
}

// element returns a value of a field; fresh makes an empty message.
func element(fresh func() protoreflect.Value, field protoreflect.FieldDescriptor, depth int) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.MessageKind:
		value := fresh()
		if at, is := value.Message().Interface().(*timestamppb.Timestamp); is {
			at.Seconds = now.Unix()
			return value
		}
		fill(value.Message(), depth+1)
		return value
	case protoreflect.StringKind:
		if text, is := asIs[string(field.Parent().Name())+"."+string(field.Name())]; is {
			return protoreflect.ValueOfString(text)
		}
		return protoreflect.ValueOfString(acts)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(acts))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(1)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(1)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(1)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(1)
	}
	return protoreflect.ValueOfInt64(1)
}

// answerTo returns the filled answer to a call.
func answerTo(t *testing.T, method string) proto.Message {
	for _, file := range []protoreflect.FileDescriptor{
		controlv1.File_headrace_control_v1_job_run_service_proto,
		controlv1.File_headrace_control_v1_application_service_proto,
		controlv1.File_headrace_control_v1_worker_service_proto, controlv1.File_headrace_control_v1_node_service_proto,
		controlv1.File_headrace_control_v1_cluster_service_proto,
		controlv1.File_headrace_control_v1_tag_service_proto,
		controlv1.File_headrace_control_v1_access_key_service_proto,
		controlv1.File_headrace_control_v1_history_service_proto,
	} {
		for i := range file.Services().Len() {
			if found := file.Services().Get(i).Methods().ByName(protoreflect.Name(method)); found != nil {
				return filled(newMessage(t, found.Output().FullName()))
			}
		}
	}
	t.Errorf("no service has %s", method)
	return nil
}

func newMessage(t *testing.T, name protoreflect.FullName) proto.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// hostile is a cluster of which every text acts on a terminal.
func hostile(t *testing.T) *clusterfake.Server {
	ended := errs.New(errs.WrongState, "%s", acts)
	return &clusterfake.Server{
		Answer: func(call clusterfake.Call) (proto.Message, error) { return answerTo(t, call.Method), nil },
		Watch: func(_ *controlv1.WatchEventsRequest,
			s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
		) error {
			_ = s.Send(filled(&controlv1.WatchEventsResponse{}))
			return ended
		},
		Log: func(_ *controlv1.ReadLogRequest, s grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
			_ = s.Send(filled(&controlv1.ReadLogResponse{}))
			return ended
		},
		Add: func(s grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
			for { // the whole upload
				if _, err := s.Recv(); err != nil {
					break
				}
			}
			return s.SendAndClose(filled(&controlv1.AddReleaseResponse{}))
		},
	}
}

// refusing is a cluster that refuses everything, in a text that acts on a terminal.
func refusing() *clusterfake.Server {
	refused := errs.New(errs.WrongState, "%s", acts)
	return &clusterfake.Server{
		Answer: func(clusterfake.Call) (proto.Message, error) { return nil, refused },
		Watch: func(*controlv1.WatchEventsRequest, grpc.ServerStreamingServer[controlv1.WatchEventsResponse]) error {
			return refused
		},
		Log: func(*controlv1.ReadLogRequest, grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
			return refused
		},
		Add: func(grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
			return refused
		},
	}
}

// everyCommand are all commands, with arguments with which they say as much as they can.
func everyCommand(t *testing.T) map[string][]string {
	application := file(t,
		"kind: Application\nname: n\nspec:\n  type: SPARK\n  releaseLabel: r\n  runtimeConfiguration:\n"+
			"  - {classification: c, properties: {k: "+inYAML+"}}\n"+
			"---\nkind: JobRun\nname: n\napplication: n\nspec:\n  jobDriver:\n"+
			"    sparkSubmit: {entryPoint: x, entryPointArguments: ["+inYAML+"]}\n")
	return map[string][]string{
		"application clone":     {acts, "--name", acts},
		"application create":    {"--name", acts, "--release", acts},
		"application delete":    {acts},
		"application get":       {acts},
		"application list":      nil,
		"application start":     {acts, "--wait"},
		"application stop":      {acts},
		"application update":    {acts, "--tag", acts + "=" + acts},
		"job-run attempts":      {acts, acts},
		"job-run cancel":        {acts, acts, "--wait"},
		"job-run retry":         {acts, acts},
		"job-run clone":         {acts, acts},
		"job-run explain":       {acts, acts},
		"job-run get":           {acts, acts},
		"job-run list":          {acts},
		"job-run logs":          {acts, acts},
		"job-run start":         {acts, "--entry-point", acts, "--wait"},
		"job-run ui":            {acts, acts},
		"job-run wait":          {acts, acts},
		"node approve":          {acts, "--certificate", acts},
		"node forget":           {acts},
		"node cordon":           {acts, "--reason", acts},
		"node uncordon":         {acts},
		"node drain":            {acts, "--wait=false"},
		"node get":              {acts},
		"node list":             nil,
		"cluster status":        nil,
		"cluster remove-server": {acts, "--yes"},
		"release add":           {"emr-7.2.0", "--cache", fetched(t, "emr-7.2.0")},
		"release fetch":         {acts, "--into", t.TempDir()},
		"release list":          nil,
		"events":                nil,
		"tag add":               {acts, acts + "=" + acts},
		"tag list":              {acts},
		"tag remove":            {acts, "--key", acts},
		"worker get":            {acts},
		"worker list":           {acts, acts},
		"apply":                 {"-f", application, "--diff"},
		"export":                {"--all"},
		"history export":        {t.TempDir()},
		"history stats":         {"--segments"},
		"access-key create":     {"--user", acts},
		"access-key list":       nil,
		"access-key revoke":     {acts},
	}
}

// leaves calls each for every command that does something.
func leaves(commands []*cobra.Command, each func(path string)) {
	for _, c := range commands {
		if len(c.Commands()) > 0 {
			leaves(c.Commands(), each)
		} else {
			each(c.CommandPath())
		}
	}
}

// own are the sequences that commands write to a terminal themselves.
var own = regexp.MustCompile("\r\x1b\\[K|\x1b\\[3[0-9]m|\x1b\\[0m")

// onTerminal runs a command as on a terminal, and returns what stands on it afterwards.
func onTerminal(t *testing.T, address string, args ...string) string {
	r := &ran{}
	env := testEnv(r, address)
	env.Terminal = true
	env.Screen = true
	env.Colour = true
	runIn(t.Context(), r, env, args...)
	if r.failed != nil {
		Report(env, r.failed)
	}
	return r.out.String() + r.err.String()
}

// No command lets what others wrote act on a terminal, however it arrives: in answers, events, logs or errors. What it
// prints goes through package output; here is every command, so that a new one cannot forget it.
func TestEveryCommand_ShowsWhatWouldActOnATerminal(t *testing.T) {
	all := everyCommand(t)
	known := 0
	leaves(Commands(testEnv(&ran{}, "")), func(path string) {
		args, found := all[path]
		if !found {
			t.Errorf("headrace %s: the test does not know it", path)
			return
		}
		known++
		for name, server := range map[string]*clusterfake.Server{"answers": hostile(t), "refusals": refusing()} {
			for _, form := range []string{"table", "json", "yaml"} {
				t.Run(path+"/"+name+"/"+form, func(t *testing.T) {
					line := append(append(strings.Fields(path), "-o", form), args...)
					nothingActs(t, onTerminal(t, server.Start(t), line...))
				})
			}
		}
	})
	if known != len(all) {
		t.Errorf("the test knows %d commands, and there are %d", len(all), known)
	}
}

func nothingActs(t *testing.T, text string) {
	t.Helper()
	for _, line := range strings.SplitAfter(own.ReplaceAllString(text, ""), "\n") {
		if shown := printable.Escape(line, "\n\t"); shown != line {
			t.Errorf("it printed %s", shown)
		}
	}
}

// A file whose names would act on a terminal is refused in words that do not.
func TestApply_RefusesNamesThatAct(t *testing.T) {
	for _, text := range []string{
		"kind: Application\nname: " + inYAML + "\nspec: {type: PROCESS}\n",
		"kind: Application\nname: n\nspec: {type: PROCESS, releaseLabel: " + inYAML + "}\n",
		"kind: Application\nname: n\nspec: {type: PROCESS, tags: {" + inYAML + ": " + inYAML + "}}\n",
		"kind: Application\nname: n\nspec: {type: " + inYAML + ", " + inYAML + ": 1}\n",
		"kind: " + inYAML + "\n",
	} {
		shown := onTerminal(t, hostile(t).Start(t), "apply", "-f", file(t, text), "--diff")
		nothingActs(t, shown)
		if !strings.Contains(shown, "cannot apply: file:") {
			t.Errorf("%s was taken: %s", text, shown)
		}
	}
}

// The shell's completion offers what the cluster has, in names that do nothing.
func TestCompletion_OffersWhatDoesNothing(t *testing.T) {
	text := onTerminal(t, hostile(t).Start(t), "__complete", "job-run", "get", "")
	nothingActs(t, text)
	if !strings.Contains(text, "owned") {
		t.Errorf("it offers nothing: %s", text)
	}
}

// Without a terminal logs are passed on byte by byte, and on one with --raw.
func TestLogs_AreBytesWhereNoTerminalIsOrWithRaw(t *testing.T) {
	address := hostile(t).Start(t)
	if r := command(t.Context(), address, "job-run", "logs", "01app", "01run"); r.out.String() != acts {
		t.Errorf("without a terminal: %q", r.out.String())
	}
	if text := onTerminal(t, address, "job-run", "logs", "01app", "01run", "--raw"); !strings.HasPrefix(text, acts) {
		t.Errorf("with --raw: %q", text)
	}
}
