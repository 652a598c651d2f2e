package privacy

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/mask"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// public are the texts of job runs, applications and what belongs to them that everybody may read. Whoever adds a text there decides:
// it is private, or it stands here, as what a user has to name things by or what the cluster itself says.
var public = []string{
	// Names and ids.
	"Application.application_id", "Application.arn", "Application.name", "Application.release_label", "Application.tags", "Application.created_by", "Application.updated_by",
	"JobRun.job_run_id", "JobRun.application_id", "JobRun.arn", "JobRun.name", "JobRun.release_label", "JobRun.execution_role", "JobRun.tags", "JobRun.created_by", "JobRun.cancelled_by",
	"Attempt.job_run_id", "Worker.worker_id", "Worker.job_run_id", "Worker.slot_id", "Worker.application_id", "Launch.job_run_id", "Holder.job_run_id", "Holder.application_id",
	"ExplainJobRunResponse.job_run_id",
	// What the cluster says of their life.
	"Application.state", "Application.state_details", "JobRun.state", "JobRun.mode", "JobRun.on_disconnect", "Failure.kind", "Attempt.state", "Attempt.zone",
	"Worker.type", "Worker.state", "Worker.node_id", "Worker.node_name", "Worker.zone", "Worker.exit_reason", "Worker.disk_type",
	"ExplainJobRunResponse.state", "ExplainJobRunResponse.waits_for", "ExplainJobRunResponse.message", "ExplainJobRunResponse.next_step",
	"GetWorkerResponse.launch_unknown",
	// What an application is.
	"Application.architecture", "Configuration.classification", "InitialCapacity.worker_type", "InitialCapacity.disk_type", "InitialCapacity.written_type", "Pool.worker_type",
	"LogTypes.worker_type", "LogTypes.logs", "Image.uri", "WorkerImage.worker_type", "Network.subnet_ids", "Network.security_group_ids", "IdentityCenter.instance_arn",
}

// texts calls each for the fields of a message, and of those below it, that hold text; whose says whether a message on the way to it
// says whose it is.
func texts(m protoreflect.MessageDescriptor, whose bool, seen []protoreflect.FullName, each func(field protoreflect.FieldDescriptor, whose bool)) {
	if slices.Contains(seen, m.FullName()) || m.ParentFile().Package() != "headrace.control.v1" {
		return
	}
	seen = append(seen, m.FullName())
	whose = whose || m.Fields().ByName(createdBy) != nil || m.Fields().ByName(jobRunID) != nil
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		switch kind := field.Kind(); {
		case field.IsMap() && field.MapValue().Kind() == protoreflect.MessageKind:
			texts(field.MapValue().Message(), whose, seen, each)
		case field.IsMap(), kind == protoreflect.StringKind, kind == protoreflect.BytesKind:
			each(field, whose)
		case kind == protoreflect.MessageKind:
			texts(field.Message(), whose, seen, each)
		}
	}
}

func name(field protoreflect.FieldDescriptor) string {
	return string(field.Parent().Name()) + "." + string(field.Name())
}

// No text of a job run, an application or what belongs to them is shown by mistake: it is private, or was chosen to be public.
func TestProtos_EveryTextIsPrivateOrPublic(t *testing.T) {
	left := slices.Clone(public)
	for _, m := range []proto.Message{&controlv1.Application{}, &controlv1.JobRun{}, &controlv1.Attempt{}, &controlv1.Worker{}, &controlv1.GetWorkerResponse{},
		&controlv1.ExplainJobRunResponse{}} {
		texts(m.ProtoReflect().Descriptor(), false, nil, func(field protoreflect.FieldDescriptor, _ bool) {
			is, chosen := Private(field), slices.Contains(public, name(field))
			if is == chosen {
				t.Errorf("%s: private %v, public %v: it has to be either the one, in the protos, or the other, in this test", name(field), is, chosen)
			}
			left = slices.DeleteFunc(left, func(s string) bool { return s == name(field) })
		})
	}
	if len(left) > 0 {
		t.Errorf("there is no %v", left)
	}
}

// What is private is text, and stands in messages that say whose it is: otherwise its own user could not read it.
func TestProtos_WhatIsPrivateIsSomebodys(t *testing.T) {
	for _, file := range []protoreflect.FileDescriptor{controlv1.File_headrace_control_v1_job_run_service_proto, controlv1.File_headrace_control_v1_application_service_proto, controlv1.File_headrace_control_v1_worker_service_proto,
		controlv1.File_headrace_control_v1_node_service_proto, controlv1.File_headrace_control_v1_cluster_service_proto, controlv1.File_headrace_control_v1_tag_service_proto,
		controlv1.File_headrace_control_v1_access_key_service_proto} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				texts(method.Output(), false, nil, func(field protoreflect.FieldDescriptor, whose bool) {
					switch {
					case !Private(field):
					case !whose:
						t.Errorf("%s answers %s, and no message on the way says whose it is", method.FullName(), name(field))
					case method.IsStreamingServer() || method.IsStreamingClient():
						t.Errorf("%s streams %s, and streams are not hidden in", method.FullName(), name(field))
					case field.Kind() != protoreflect.StringKind && (!field.IsMap() || field.MapValue().Kind() != protoreflect.StringKind):
						t.Errorf("%s is private and no text", name(field))
					}
				})
			}
		}
	}
}

const secret = "hunter2"

// aRun has something private in every place.
func aRun(user string) *controlv1.JobRun {
	settings := []*controlv1.Configuration{{Classification: "spark-defaults", Properties: map[string]string{"spark.key": secret},
		Configurations: []*controlv1.Configuration{{Classification: "export", Properties: map[string]string{"KEY": secret}}}}}
	return &controlv1.JobRun{JobRunId: "r", Name: "nightly", State: "FAILED", CreatedBy: user, Failure: &controlv1.Failure{Kind: "USER_ERROR", Message: secret}, StateDetails: secret,
		Configuration: settings, EffectiveConfiguration: settings, Tags: map[string]string{"team": "data"},
		Driver: &controlv1.JobRun_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: secret, EntryPointArguments: []string{"--key", secret}}}}
}

// reader is somebody who is ann, on a server that knows the run r of ann.
func reader(user string) Reader {
	return Reader{May: func(createdBy string) bool { return createdBy == user }, SubmittedBy: func(run string) string { return map[string]string{"r": "ann"}[run] }}
}

func shown(m proto.Message) string {
	text, _ := protojson.Marshal(m)
	return string(text)
}

func TestHide_ShowsAnswersToWhoseTheyAre(t *testing.T) {
	answer := &controlv1.ListJobRunsResponse{JobRuns: []*controlv1.JobRun{aRun("ann"), aRun("bob")}}
	reader("ann").Hide(answer)
	if mine := answer.GetJobRuns()[0]; mine.GetRedacted() || !proto.Equal(mine, aRun("ann")) {
		t.Errorf("%v", mine)
	}
	other := answer.GetJobRuns()[1]
	if text := shown(other); strings.Contains(text, secret) || !other.GetRedacted() {
		t.Errorf("%s", text)
	}
	spark := other.GetSparkSubmit()
	if spark.GetEntryPoint() != mask.Text || !slices.Equal(spark.GetEntryPointArguments(), []string{mask.Text}) || spark.GetSparkSubmitParameters() != "" ||
		other.GetConfiguration()[0].GetProperties()["spark.key"] != mask.Text || other.GetTags()["team"] != "data" || other.GetName() != "nightly" || other.GetState() != "FAILED" ||
		other.GetFailure().GetKind() != "USER_ERROR" {
		t.Errorf("%v", other)
	}
}

// Of what belongs to a run, its submitter is looked up.
func TestHide_WhatBelongsToARun(t *testing.T) {
	answer := func() []proto.Message {
		worker := func(run string) *controlv1.Worker {
			return &controlv1.Worker{JobRunId: run, ExitMessage: secret, ColdReason: secret}
		}
		return []proto.Message{
			&controlv1.ListWorkersResponse{Workers: []*controlv1.Worker{worker("r")}},
			&controlv1.GetNodeResponse{Workers: []*controlv1.Worker{worker("r")}},
			&controlv1.GetWorkerResponse{Worker: worker("r"), Launch: &controlv1.Launch{JobRunId: "r", Command: []string{secret}, Environment: map[string]string{"KEY": secret},
				Files: []*controlv1.LaunchFile{{Path: "p", Content: secret}}}},
			&controlv1.ListJobRunAttemptsResponse{Attempts: []*controlv1.Attempt{{JobRunId: "r", Failure: &controlv1.Failure{Message: secret}}}},
			&controlv1.ExplainJobRunResponse{JobRunId: "r", Details: secret, Message: "it is over"},
		}
	}
	for i, m := range answer() {
		reader("ann").Hide(m)
		if !proto.Equal(m, answer()[i]) {
			t.Errorf("its submitter sees %v", m)
		}
		reader("bob").Hide(m)
		if text := shown(m); strings.Contains(text, secret) || !strings.Contains(text, mask.Text) {
			t.Errorf("another one sees %s", text)
		}
	}
}

// Lists and maps of an answer may be those of the state, which never changes.
func TestHide_ChangesNothingThatIsShared(t *testing.T) {
	arguments, properties := []string{"--key", secret}, map[string]string{"k": secret}
	m := &controlv1.JobRun{CreatedBy: "bob", Configuration: []*controlv1.Configuration{{Properties: properties}},
		Driver: &controlv1.JobRun_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPointArguments: arguments}}}
	reader("ann").Hide(m)
	if arguments[1] != secret || properties["k"] != secret || strings.Contains(shown(m), secret) {
		t.Errorf("%v, %v: %v", arguments, properties, m)
	}
}

func TestMasked_SaysWhereTheMaskStands(t *testing.T) {
	for want, m := range map[string]proto.Message{
		"":                            &controlv1.StartJobRunRequest{Name: "n", Driver: &controlv1.StartJobRunRequest_Process{Process: &controlv1.Process{Command: []string{"***"}}}},
		"name":                        &controlv1.StartJobRunRequest{Name: mask.Text},
		"process.command[1]":          &controlv1.StartJobRunRequest{Driver: &controlv1.StartJobRunRequest_Process{Process: &controlv1.Process{Command: []string{"a", "--x=" + mask.Text}}}},
		"process.environment":         &controlv1.StartJobRunRequest{Driver: &controlv1.StartJobRunRequest_Process{Process: &controlv1.Process{Environment: map[string]string{"K": mask.Text}}}},
		"tags":                        &controlv1.TagResourceRequest{Tags: map[string]string{mask.Text: "v"}},
		"configuration[0].properties": &controlv1.StartJobRunRequest{Configuration: []*controlv1.Configuration{{Properties: map[string]string{"a": mask.Text}}}},
		"monitoring.s3.log_uri":       &controlv1.CreateApplicationRequest{Monitoring: &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: mask.Text}}},
		"runtime_configuration.configurations[0].properties": &controlv1.UpdateApplicationRequest{RuntimeConfiguration: &controlv1.ConfigurationList{
			Configurations: []*controlv1.Configuration{{Properties: map[string]string{"a": mask.Text}}}}},
	} {
		if got := Masked(m); got != want {
			t.Errorf("%v: %q, want %q", m, got, want)
		}
	}
}
