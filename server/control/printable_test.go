package control

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// acting are texts that do something to a terminal: colours, the turning of the direction of writing, ends of lines, C1, DEL.
var acting = []string{"a\x1b[31mb", "a\u202eb", "a\nb", "a\u2028b", "a\u009bb", "a\x7fb"}

// Names stand on terminals, in tables and in logs: what would act there is refused where it is said, with the field and the character.
func TestStartJobRun_RefusesNamesThatActOnTerminals(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd"
	for field, set := range map[string]func(r *runRequest, text string){
		"name":                     func(r *runRequest, text string) { r.Name = text },
		"execution_role":           func(r *runRequest, text string) { r.ExecutionRole = text },
		"spark_submit.entry_point": func(r *runRequest, text string) { r.GetSparkSubmit().EntryPoint = text },
		"hive.init_query_file": func(r *runRequest, text string) {
			r.Driver = hiveRun("s3://b/q.sql", "").GetDriver()
			r.GetHive().InitQueryFile = text
		},
		"process.environment": func(r *runRequest, text string) {
			r.Driver = processRun("a").GetDriver()
			r.GetProcess().Environment = map[string]string{text: "v"}
		},
		"configuration": func(r *runRequest, text string) { r.Configuration = property(text, "v") },
		"tags":          func(r *runRequest, text string) { r.Tags = map[string]string{"k": text} },
		"monitoring.log_service.log_stream_name_prefix": func(r *runRequest, text string) {
			r.Monitoring = &controlv1.Monitoring{LogService: &controlv1.LogService{LogStreamNamePrefix: text}}
		},
		"monitoring.s3.log_uri": func(r *runRequest, text string) {
			r.Monitoring = &controlv1.Monitoring{S3: &controlv1.S3Monitoring{LogUri: "s3://b/" + text}}
		},
		"monitoring.prometheus.remote_write_url": func(r *runRequest, text string) {
			r.Monitoring = &controlv1.Monitoring{Prometheus: &controlv1.PrometheusMonitoring{RemoteWriteUrl: "http://b/" + text}}
		},
		"disk_encryption.context": func(r *runRequest, text string) {
			r.DiskEncryption = &controlv1.DiskEncryption{KeyArn: key, Context: map[string]string{"k": text}}
		},
		"execution_policy.policy_arns[0]": func(r *runRequest, text string) {
			r.ExecutionPolicy = &controlv1.ExecutionPolicy{PolicyArns: []string{"arn:aws:iam::000000000000:policy/" + text}}
		},
	} {
		for _, text := range acting {
			r := sparkRun("a", "")
			set(r, text)
			_, err := startOf(r)
			wantActing(t, field, err)
		}
	}
}

func TestCreateApplication_RefusesNamesThatActOnTerminals(t *testing.T) {
	for field, set := range map[string]func(r *createRequest, text string){
		"name":          func(r *createRequest, text string) { r.Name = text },
		"release_label": func(r *createRequest, text string) { r.ReleaseLabel = text },
		"architecture":  func(r *createRequest, text string) { r.Architecture = text },
		"tags":          func(r *createRequest, text string) { r.Tags = map[string]string{text: "v"} },
		"runtime_configuration": func(r *createRequest, text string) {
			r.RuntimeConfiguration = []*controlv1.Configuration{{Classification: text}}
		},
		"surroundings.network.subnet_ids[0]": func(r *createRequest, text string) {
			r.Surroundings = &controlv1.Surroundings{Network: &controlv1.Network{SubnetIds: []string{text}}}
		},
		"surroundings.image.uri": func(r *createRequest, text string) {
			r.Surroundings = &controlv1.Surroundings{Image: &controlv1.Image{Uri: text}}
		},
	} {
		for _, text := range acting {
			r := &createRequest{Engine: controlv1.Engine_ENGINE_SPARK, ReleaseLabel: "emr-7.2.0"}
			set(r, text)
			_, err := specOf(r)
			wantActing(t, field, err)
		}
	}
}

// wantActing holds that an error is about a field, and that its message does nothing to a terminal.
func wantActing(t *testing.T, field string, err error) {
	t.Helper()
	known, ok := err.(*errs.Error)
	if !ok || known.Kind != errs.Invalid || known.Field != field || printable.Check(known.Message) != "" {
		t.Errorf("%s: %q", field, err)
	}
}

func TestCheckPrintable_NamesTheCharacter(t *testing.T) {
	for text, told := range map[string]string{"a\x1b[31mb": "character 2 is the control character ^[", "a\u202eb": `\u202e`, "a\xffb": `\xff`} {
		wantError(t, checkPrintable("name", "", text), errs.Invalid, "name", told)
	}
}
