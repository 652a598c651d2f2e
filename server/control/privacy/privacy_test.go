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
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// public are the texts of job runs, applications and what belongs to them that everybody may read. Whoever adds a text
// there decides: it is private, or it stands here, as what a user has to name things by or what the cluster itself
// says.
var public = []string{
	// Names and ids.
	"control.Application.application_id", "control.Application.arn", "control.Application.created_by",
	"control.Application.updated_by",
	"spec.Application.name", "spec.Application.release_label", "spec.Application.tags",
	"control.JobRun.job_run_id", "control.JobRun.application_id", "control.JobRun.arn", "control.JobRun.release_label",
	"control.JobRun.created_by", "control.JobRun.cancelled_by", "spec.JobRun.name", "spec.JobRun.execution_role",
	"spec.JobRun.tags",
	"control.Attempt.job_run_id", "control.Worker.worker_id", "control.Worker.job_run_id", "control.Worker.slot_id",
	"control.Worker.application_id", "control.Launch.job_run_id", "control.Holder.job_run_id",
	"control.Holder.application_id",
	"control.ExplainJobRunResponse.job_run_id",
	// What the cluster says of their life.
	"control.Application.state", "control.Application.state_details", "control.JobRun.state", "control.Failure.kind",
	"control.Attempt.state", "control.Attempt.zone", "control.Worker.type", "control.Worker.state",
	"control.Worker.node_id",
	"control.Worker.node_name", "control.Worker.zone", "control.Worker.exit_reason", "control.Worker.disk_type",
	"control.ExplainJobRunResponse.state", "control.ExplainJobRunResponse.waits_for",
	"control.ExplainJobRunResponse.message", "control.ExplainJobRunResponse.notes",
	"control.ExplainJobRunResponse.next_step", "control.GetWorkerResponse.launch_unknown",
	"control.ExplainJobRunResponse.promised_nodes", "control.ReleaseCopy.node_name", "control.ReleaseCopy.release_label",
	// What an application is, and where its workers go.
	"spec.Application.constraints", "spec.Application.preferences", "spec.Application.spread",
	"spec.JobRun.constraints",
	"control.Pool.worker_type", "spec.Configuration.classification", "spec.LogTypes.logs", "spec.Image.uri",
	"spec.Network.subnet_ids",
	"spec.Network.security_group_ids", "spec.IdentityCenter.instance_arn",
}

// packages are those whose messages are shown, with what they are called here.
var packages = map[protoreflect.FullName]string{"headrace.control.v1": "control", "headrace.spec.v1": "spec"}

// texts calls each for the fields of a message, and of those below it, that hold text; whose says whether a message on
// the way to it says whose it is.
func texts(
	m protoreflect.MessageDescriptor,
	whose bool,
	seen []protoreflect.FullName,
	each func(field protoreflect.FieldDescriptor, whose bool),
) {
	if slices.Contains(seen, m.FullName()) || packages[m.ParentFile().Package()] == "" {
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
	return packages[field.ParentFile().Package()] + "." + string(field.Parent().Name()) + "." + string(field.Name())
}

// No text of a job run, an application or what belongs to them is shown by mistake: it is private, or was chosen to be
// public.
func TestProtos_EveryTextIsPrivateOrPublic(t *testing.T) {
	left := slices.Clone(public)
	for _, m := range []proto.Message{
		&controlv1.Application{}, &controlv1.JobRun{}, &controlv1.Attempt{}, &controlv1.Worker{},
		&controlv1.GetWorkerResponse{},
		&controlv1.ExplainJobRunResponse{},
	} {
		texts(m.ProtoReflect().Descriptor(), false, nil, func(field protoreflect.FieldDescriptor, _ bool) {
			is, chosen := Private(field), slices.Contains(public, name(field))
			if is == chosen {
				t.Errorf(
					"%s: private %v, public %v: it has to be either the one, in the protos, or the other, in this test",
					name(field),
					is,
					chosen,
				)
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
	for _, file := range []protoreflect.FileDescriptor{
		controlv1.File_headrace_control_v1_job_run_service_proto,
		controlv1.File_headrace_control_v1_application_service_proto,
		controlv1.File_headrace_control_v1_worker_service_proto,
		controlv1.File_headrace_control_v1_node_service_proto,
		controlv1.File_headrace_control_v1_cluster_service_proto,
		controlv1.File_headrace_control_v1_tag_service_proto,
		controlv1.File_headrace_control_v1_access_key_service_proto,
		controlv1.File_headrace_control_v1_history_service_proto,
	} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				texts(method.Output(), false, nil, func(field protoreflect.FieldDescriptor, whose bool) {
					switch {
					case !Private(field):
					case !whose:
						t.Errorf(
							"%s answers %s, and no message on the way says whose it is",
							method.FullName(),
							name(field),
						)
					case method.IsStreamingServer() || method.IsStreamingClient():
						t.Errorf("%s streams %s, and streams are not hidden in", method.FullName(), name(field))
					case field.Kind() != protoreflect.StringKind &&
						(!field.IsMap() || field.MapValue().Kind() != protoreflect.StringKind):
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
	nested := specv1.Configuration_builder{
		Classification: new("export"),
		Properties:     map[string]string{"KEY": secret},
	}.Build()
	settings := []*specv1.Configuration{specv1.Configuration_builder{
		Classification: new("spark-defaults"),
		Properties:     map[string]string{"spark.key": secret},
		Configurations: []*specv1.Configuration{nested},
	}.Build()}
	return &controlv1.JobRun{
		JobRunId:               "r",
		State:                  "FAILED",
		CreatedBy:              user,
		Failure:                &controlv1.Failure{Kind: "USER_ERROR", Message: secret},
		StateDetails:           secret,
		EffectiveConfiguration: settings,
		Spec: specv1.JobRun_builder{
			Name:                   new("nightly"),
			Tags:                   map[string]string{"team": "data"},
			ConfigurationOverrides: specv1.ConfigurationOverrides_builder{ApplicationConfiguration: settings}.Build(),
			Driver: specv1.JobDriver_builder{SparkSubmit: specv1.SparkSubmit_builder{
				EntryPoint:          new(secret),
				EntryPointArguments: []string{"--key", secret},
			}.Build()}.Build(),
		}.Build(),
	}
}

// reader is somebody who is ann, on a server that knows the run r of ann.
func reader(user string) Reader {
	return Reader{
		May:         func(createdBy string) bool { return createdBy == user },
		SubmittedBy: func(run string) string { return map[string]string{"r": "ann"}[run] },
	}
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
	spark, own := other.GetSpec().
		GetDriver().
		GetSparkSubmit(),
		other.GetSpec().
			GetConfigurationOverrides().
			GetApplicationConfiguration()
	if spark.GetEntryPoint() != mask.Text || !slices.Equal(spark.GetEntryPointArguments(), []string{mask.Text}) ||
		spark.HasSparkSubmitParameters() || own[0].GetProperties()["spark.key"] != mask.Text ||
		own[0].GetConfigurations()[0].GetProperties()["KEY"] != mask.Text ||
		other.GetSpec().GetTags()["team"] != "data" || other.GetSpec().GetName() != "nightly" ||
		other.GetState() != "FAILED" ||
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
			&controlv1.GetWorkerResponse{
				Worker: worker("r"),
				Launch: &controlv1.Launch{
					JobRunId:    "r",
					Command:     []string{secret},
					Environment: map[string]string{"KEY": secret},
					Files:       []*controlv1.LaunchFile{{Path: "p", Content: secret}},
				},
			},
			&controlv1.ListJobRunAttemptsResponse{
				Attempts: []*controlv1.Attempt{{JobRunId: "r", Failure: &controlv1.Failure{Message: secret}}},
			},
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

// Messages below an answer may be those of the state, which never changes: others stand in their place, where something
// is hidden.
func TestHide_ChangesNothingThatIsShared(t *testing.T) {
	shared := aRun("bob")
	before := proto.CloneOf(shared)
	application := specv1.Application_builder{
		RuntimeConfiguration: shared.GetEffectiveConfiguration(),
		Network:              specv1.Network_builder{SubnetIds: []string{"s"}}.Build(),
	}.Build()
	list := &controlv1.ListJobRunsResponse{JobRuns: []*controlv1.JobRun{shared}}
	row := &controlv1.GetApplicationResponse{Application: &controlv1.Application{CreatedBy: "bob", Spec: application}}
	for _, answer := range []proto.Message{list, row} {
		reader("ann").Hide(answer)
		if strings.Contains(shown(answer), secret) {
			t.Errorf("%v", answer)
		}
	}
	if !proto.Equal(shared, before) ||
		!proto.Equal(application.GetRuntimeConfiguration()[0], before.GetEffectiveConfiguration()[0]) {
		t.Errorf("%v was %v", shared, before)
	}
	if row.GetApplication().GetSpec().GetNetwork() != application.GetNetwork() || !row.GetApplication().GetRedacted() {
		t.Errorf("what hides nothing is copied: %v", row)
	}
	kept := &controlv1.GetApplicationResponse{Application: &controlv1.Application{CreatedBy: "ann", Spec: application}}
	if reader("ann").Hide(kept); kept.GetApplication().GetSpec() != application {
		t.Error("what may be read is copied")
	}
}

func TestMasked_SaysWhereTheMaskStands(t *testing.T) {
	run := func(b specv1.JobRun_builder) proto.Message { return &controlv1.StartJobRunRequest{Spec: b.Build()} }
	process := func(b specv1.Process_builder) proto.Message {
		return run(specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: b.Build()}.Build()})
	}
	settings := []*specv1.Configuration{
		specv1.Configuration_builder{Properties: map[string]string{"a": mask.Text}}.Build(),
	}
	for want, m := range map[string]proto.Message{
		"":                                process(specv1.Process_builder{Command: []string{"***"}}),
		"spec.name":                       run(specv1.JobRun_builder{Name: new(mask.Text)}),
		"spec.driver.process.command[1]":  process(specv1.Process_builder{Command: []string{"a", "--x=" + mask.Text}}),
		"spec.driver.process.environment": process(specv1.Process_builder{Environment: map[string]string{"K": mask.Text}}),
		"tags":                            &controlv1.TagResourceRequest{Tags: map[string]string{mask.Text: "v"}},
		"spec.tags":                       run(specv1.JobRun_builder{Tags: map[string]string{"k": mask.Text}}),
		"spec.configuration_overrides.application_configuration[0].properties": run(specv1.JobRun_builder{
			ConfigurationOverrides: specv1.ConfigurationOverrides_builder{ApplicationConfiguration: settings}.Build(),
		}),
		"spec.monitoring.s3.log_uri": &controlv1.CreateApplicationRequest{Spec: specv1.Application_builder{
			Monitoring: specv1.Monitoring_builder{S3: specv1.S3Monitoring_builder{LogUri: new(mask.Text)}.Build()}.Build(),
		}.Build()},
		"spec.runtime_configuration[0].properties": &controlv1.UpdateApplicationRequest{
			Spec: specv1.Application_builder{RuntimeConfiguration: settings}.Build(),
		},
	} {
		if got := Masked(m); got != want {
			t.Errorf("%v: %q, want %q", m, got, want)
		}
	}
}
