package output

import (
	"strings"
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestHideWords_HidesValuesOfSecretKeysOnly(t *testing.T) {
	for line, want := range map[string]string{
		"--conf a=b --conf spark.my.password=x": "--conf a=b --conf spark.my.password=(hidden)",
		"--conf 'my.token=a b' --name 'a=b c'":  "--conf my.token=(hidden) --name 'a=b c'",
		`--conf my.secret="a b" x`:              "--conf my.secret=(hidden) x",
		"-Dpassword=EMR.secret@db -Xmx4g":       "-Dpassword=EMR.secret@db -Xmx4g",
		"password":                              "password",
		"":                                      "",
	} {
		if got := HideWords(line); got != want {
			t.Errorf("%q became %q, want %q", line, got, want)
		}
	}
}

func TestJSON_ShowsNoSecrets(t *testing.T) {
	r := specv1.JobRun_builder{
		Tags: map[string]string{"token": "t"},
		ConfigurationOverrides: specv1.ConfigurationOverrides_builder{
			ApplicationConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
				Classification: new("c"),
				Properties:     map[string]string{"fs.s3a.secret.key": "hunter2", "java.options": "-Dpassword=hunter2"},
				Configurations: []*specv1.Configuration{
					specv1.Configuration_builder{Properties: map[string]string{
						"API_KEY": "hunter2",
						"plain":   "seen",
					}}.Build(),
				},
			}.Build()},
		}.Build(),
		Driver: specv1.JobDriver_builder{SparkSubmit: specv1.SparkSubmit_builder{
			SparkSubmitParameters: new("--conf x.token=hunter2"),
			EntryPointArguments:   []string{"--password=hunter2"},
		}.Build()}.Build(),
	}.Build()
	var out strings.Builder
	if err := JSON(&out, &controlv1.JobRun{Spec: r}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), `"token": "t"`) ||
		!strings.Contains(out.String(), `"plain": "seen"`) {
		t.Error(out.String())
	}
	said := r.GetConfigurationOverrides().GetApplicationConfiguration()[0].GetProperties()
	if said["fs.s3a.secret.key"] != "hunter2" {
		t.Error("the message itself was changed")
	}
}
