package output

import (
	"strings"
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
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
	r := &controlv1.JobRun{Tags: map[string]string{"token": "t"}, Configuration: []*controlv1.Configuration{{Classification: "c",
		Properties:     map[string]string{"fs.s3a.secret.key": "hunter2", "java.options": "-Dpassword=hunter2"},
		Configurations: []*controlv1.Configuration{{Properties: map[string]string{"API_KEY": "hunter2", "plain": "seen"}}}}},
		Driver: &controlv1.JobRun_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{SparkSubmitParameters: "--conf x.token=hunter2", EntryPointArguments: []string{"--password=hunter2"}}}}
	var out strings.Builder
	if err := JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), `"token": "t"`) || !strings.Contains(out.String(), `"plain": "seen"`) {
		t.Error(out.String())
	}
	if r.GetConfiguration()[0].GetProperties()["fs.s3a.secret.key"] != "hunter2" {
		t.Error("the message itself was changed")
	}
}
