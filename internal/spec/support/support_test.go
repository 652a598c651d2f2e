package support

import (
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func properties(key, value string) []*specv1.Configuration {
	return []*specv1.Configuration{specv1.Configuration_builder{
		Classification: new("spark-defaults"),
		Properties:     map[string]string{key: value},
	}.Build()}
}

func monitored(m specv1.Monitoring_builder) *specv1.Application {
	return specv1.Application_builder{Monitoring: m.Build()}.Build()
}

func configured(key, value string) *specv1.Application {
	return specv1.Application_builder{RuntimeConfiguration: properties(key, value)}.Build()
}

// What nothing acts on is refused, with an error that names the field; what asks for nothing of it is taken.
func TestA13_WhatNothingActsOnIsRefused(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:000000000000:key/k"
	image := specv1.Image_builder{Uri: new("busybox")}.Build()
	specification := specv1.WorkerTypeSpecification_builder{Image: image}.Build()
	costs := func(on bool) proto.Message {
		is := specv1.JobLevelCostAllocation_builder{Enabled: &on}.Build()
		return specv1.Application_builder{JobLevelCostAllocation: is}.Build()
	}
	logs := func(on bool) proto.Message {
		return monitored(specv1.Monitoring_builder{LogService: specv1.LogService_builder{Enabled: &on}.Build()})
	}
	const factory = "hive.metastore.client.factory.class"
	for _, c := range []struct {
		said  proto.Message
		field string // empty: it is taken
	}{
		{specv1.Application_builder{Image: image}.Build(), "spec.image.uri"},
		{specv1.Application_builder{Image: &specv1.Image{}}.Build(), ""},
		{
			specv1.Application_builder{
				Image: specv1.Image_builder{ApplicationLevelDigestResolution: new(true)}.Build(),
			}.Build(),
			"spec.image.application_level_digest_resolution",
		},
		{
			specv1.Application_builder{
				WorkerTypeSpecifications: map[string]*specv1.WorkerTypeSpecification{"Driver": specification},
			}.Build(),
			"spec.worker_type_specifications[Driver].image.uri",
		},
		{
			specv1.Application_builder{Network: specv1.Network_builder{SubnetIds: []string{"s"}}.Build()}.Build(),
			"spec.network.subnet_ids",
		},
		{specv1.Application_builder{Network: &specv1.Network{}}.Build(), ""},
		{costs(true), "spec.job_level_cost_allocation.enabled"},
		{costs(false), ""},
		{logs(true), "spec.monitoring.log_service.enabled"},
		{logs(false), ""},
		{
			monitored(specv1.Monitoring_builder{
				S3: specv1.S3Monitoring_builder{LogUri: new("s3://b"), EncryptionKeyArn: new(key)}.Build(),
			}),
			"spec.monitoring.s3.encryption_key_arn",
		},
		{monitored(specv1.Monitoring_builder{Prometheus: &specv1.PrometheusMonitoring{}}), ""},
		{
			specv1.JobRun_builder{
				ExecutionPolicy: specv1.ExecutionPolicy_builder{Policy: new("{}")}.Build(),
			}.Build(),
			"spec.execution_policy.policy",
		},
		{specv1.JobRun_builder{ExecutionRole: new("arn:aws:iam::000000000000:role/r")}.Build(), ""},
		{
			specv1.Application_builder{Interactive: specv1.Interactive_builder{StudioEnabled: new(true)}.Build()}.Build(),
			"",
		},
		{configured("spark.a", "EMR.secret@db"), "spec.runtime_configuration[0].properties"},
		{configured("spark.emr-serverless.lakeformation.enabled", "true"), "spec.runtime_configuration[0].properties"},
		{configured("spark.emr-serverless.lakeformation.enabled", "false"), ""},
		{configured("spark.ssl.internode.enabled", "TRUE"), "spec.runtime_configuration[0].properties"},
		{
			configured("spark.hadoop."+factory, "com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory"),
			"spec.runtime_configuration[0].properties",
		},
		{configured(factory, "org.apache.hadoop.hive.ql.metadata.SessionHiveMetaStoreClientFactory"), ""},
	} {
		err := Check(c.said)
		switch {
		case c.field == "" && err != nil, c.field != "" && err == nil:
			t.Errorf("%v gives %v", c.said, err)
		case err != nil && (!errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), c.field+":")):
			t.Errorf("%v gives %v, not about %s", c.said, err, c.field)
		}
	}
}

// What clients always send is kept, and told.
func TestA13_WhatIsKeptIsTold(t *testing.T) {
	run := func(role string) proto.Message { return specv1.JobRun_builder{ExecutionRole: &role}.Build() }
	if notes := Notes(run("arn:aws:iam::000000000000:role/r")); len(notes) != 1 ||
		!strings.HasPrefix(notes[0], "executionRoleArn: kept") {
		t.Errorf("of a role is told %q", notes)
	}
	if notes := Notes(run(defaultRole)); notes != nil {
		t.Errorf("of a run that names no role is told %q", notes)
	}
	all := specv1.Interactive_builder{StudioEnabled: new(true), SessionEnabled: new(true)}.Build()
	if notes := Notes(specv1.Application_builder{Interactive: all}.Build()); len(notes) != 1 {
		t.Errorf("of interactive use is told %q", notes)
	}
}

// Every field of the table is one of the protos.
func TestA13_TheTableNamesFieldsThatThereAre(t *testing.T) {
	for _, answer := range []Answer{Refused, Kept} {
		for name := range byField(answer) {
			if d, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err != nil {
				t.Errorf("there is no field %s: %v, %v", name, d, err)
			}
		}
	}
}

func TestA13_TheDocumentationHasTheTable(t *testing.T) {
	page, err := os.ReadFile("../../../docs/http-api.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n\n"+Table()+"\n") {
		t.Errorf("docs/http-api.md lacks the table; it is\n%s", Table())
	}
}
