package spec

import (
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// typicalRun is a Spark submission as schedulers of other people make them.
func typicalRun() *specv1.JobRun {
	return specv1.JobRun_builder{
		Name:          new("nightly-orders-2026-09-01"),
		ExecutionRole: new("arn:aws:iam::000000000000:role/jobs"),
		Driver: specv1.JobDriver_builder{SparkSubmit: specv1.SparkSubmit_builder{
			EntryPoint:          new("s3://bucket/code/orders/main.py"),
			EntryPointArguments: []string{"--date", "2026-09-01", "--table", "orders", "--out", "s3://bucket/out/orders/"},
			SparkSubmitParameters: new(
				"--conf spark.executor.cores=4 --conf spark.executor.memory=14g --conf spark.executor.instances=10 " +
					"--py-files s3://bucket/code/lib.zip",
			),
		}.Build()}.Build(),
		ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
			ApplicationConfiguration: []*specv1.Configuration{
				specv1.Configuration_builder{Classification: new("spark-defaults"), Properties: map[string]string{
					"spark.dynamicAllocation.enabled": "true",
					"spark.sql.shuffle.partitions":    "200",
					"spark.sql.adaptive.enabled":      "true",
					"spark.serializer":                "org.apache.spark.serializer.KryoSerializer",
				}}.Build(),
			},
			Monitoring: specv1.Monitoring_builder{
				S3: specv1.S3Monitoring_builder{LogUri: new("s3://logs/orders")}.Build(),
			}.Build(),
		}.Build(),
		Tags:        map[string]string{"team": "data", "stage": "production"},
		RetryPolicy: specv1.RetryPolicy_builder{MaxAttempts: new(uint32(3))}.Build(),
	}.Build()
}

func BenchmarkJobRun(b *testing.B) {
	said := typicalRun()
	full := DefaultJobRun(said)
	for name, do := range map[string]func() error{
		"Default":            func() error { DefaultJobRun(said); return nil },
		"Validate":           func() error { return ValidateJobRun(full) },
		"Rules":              func() error { return checkRules(full) },
		"Texts":              func() error { return jobRunOutline().check(full.ProtoReflect()).err() },
		"DefaultAndValidate": func() error { return ValidateJobRun(DefaultJobRun(said)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
