package spec

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// acting are texts that do something to a terminal: colours, the turning of the direction of writing, ends of lines,
// C1, DEL.
var acting = []string{"a\x1b[31mb", "a\u202eb", "a\nb", "a\u2028b", "a\u009bb", "a\x7fb"}

// Names stand on terminals, in tables and in logs: what would act there is refused where it is said, with the field and
// the character.
func TestValidateJobRun_RefusesNamesThatActOnTerminals(t *testing.T) {
	type jobRun = specv1.JobRun
	monitoring := func(r *jobRun, m specv1.Monitoring_builder) {
		r.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{Monitoring: m.Build()}.Build())
	}
	for name, set := range map[string]func(r *jobRun, text string){
		"name":        func(r *jobRun, text string) { r.SetName(text) },
		"role":        func(r *jobRun, text string) { r.SetExecutionRole(text) },
		"entry point": func(r *jobRun, text string) { r.GetDriver().GetSparkSubmit().SetEntryPoint(text) },
		"init": func(r *jobRun, text string) {
			r.SetDriver(hiveRun("q", func(h *specv1.Hive) { h.SetInitQueryFile(text) }).GetDriver())
		},
		"variable": func(r *jobRun, text string) {
			r.SetDriver(processRun(func(p *specv1.Process) { p.SetEnvironment(map[string]string{text: "v"}) }).GetDriver())
		},
		"property": func(r *jobRun, text string) {
			r.SetConfigurationOverrides(settings(property(text, "v")))
		},
		"tag": func(r *jobRun, text string) { r.SetTags(map[string]string{"k": text}) },
		"prefix": func(r *jobRun, text string) {
			s := specv1.LogService_builder{Enabled: new(true), LogStreamNamePrefix: new(text)}.Build()
			monitoring(r, specv1.Monitoring_builder{LogService: s})
		},
		"log URI": func(r *jobRun, text string) {
			monitoring(r, specv1.Monitoring_builder{S3: specv1.S3Monitoring_builder{LogUri: new("s3://b/" + text)}.Build()})
		},
		"metrics": func(r *jobRun, text string) {
			p := specv1.PrometheusMonitoring_builder{RemoteWriteUrl: new("http://b/" + text)}.Build()
			monitoring(r, specv1.Monitoring_builder{Prometheus: p})
		},
		"words": func(r *jobRun, text string) {
			d := specv1.DiskEncryption_builder{Context: map[string]string{"k": text}}.Build()
			r.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{DiskEncryption: d}.Build())
		},
		"policy": func(r *jobRun, text string) {
			arns := []string{"arn:aws:iam::000000000000:policy/" + text}
			r.SetExecutionPolicy(specv1.ExecutionPolicy_builder{PolicyArns: arns}.Build())
		},
	} {
		for _, text := range acting {
			r := sparkRun(func(r *jobRun) { set(r, text) })
			wantActing(t, name, checkedRun(r))
		}
	}
}

func TestValidateApplication_RefusesNamesThatActOnTerminals(t *testing.T) {
	type application = specv1.Application
	for name, set := range map[string]func(a *application, text string){
		"name":    func(a *application, text string) { a.SetName(text) },
		"release": func(a *application, text string) { a.SetReleaseLabel(text) },
		"tags":    func(a *application, text string) { a.SetTags(map[string]string{text: "v"}) },
		"type": func(a *application, text string) {
			one := initial(1, 1000, 2, 20, specv1.DiskType_DISK_TYPE_STANDARD)
			a.SetInitialCapacity(map[string]*specv1.InitialCapacity{text: one})
		},
		"classification": func(a *application, text string) {
			a.SetRuntimeConfiguration([]*specv1.Configuration{specv1.Configuration_builder{Classification: new(text)}.Build()})
		},
		"subnet": func(a *application, text string) {
			a.SetNetwork(specv1.Network_builder{SubnetIds: []string{text}}.Build())
		},
		"image": func(a *application, text string) { a.SetImage(specv1.Image_builder{Uri: new(text)}.Build()) },
		"log type": func(a *application, text string) {
			m := everywhere()
			m.GetLogService().SetLogTypes(map[string]*specv1.LogTypes{text: logs("STDOUT")})
			a.SetMonitoring(m)
		},
	} {
		for _, text := range acting {
			wantActing(t, name, checked(sparkApplication(func(a *application) { set(a, text) })))
		}
	}
}

// wantActing holds that something is refused, and that neither the field nor the message does anything to a terminal.
func wantActing(t *testing.T, name string, err error) {
	t.Helper()
	known, ok := err.(*errs.Error)
	if !ok || known.Kind != errs.Invalid || printable.Check(known.Message) != "" || printable.Check(known.Field) != "" {
		t.Errorf("%s: %q", name, err)
	}
}

func TestTextProblem_NamesTheCharacter(t *testing.T) {
	for text, told := range map[string]string{
		"a\x1b[31mb": "character 2 is the control character ^[; names are shown on terminals, so leave it out",
		"a\u202eb":   `character 2 is the control character \u202e; names are shown on terminals, so leave it out`,
		"a\xffb":     "it is no valid UTF-8", "a\x00": "it holds a zero byte", "größe": "", "": "",
	} {
		if got := textProblem(text, true); got != told {
			t.Errorf("%q: %q, want %q", text, got, told)
		}
	}
	if got := textProblem("two\nlines\x1b", false); got != "" {
		t.Errorf("a program's own: %q", got)
	}
}
