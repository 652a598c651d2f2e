package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestReadRequest_IsOneSubmissionInWhichANameStandsOnce(t *testing.T) {
	for text, want := range map[string]string{
		`{"ClientToken":"x","name":"n","applicationId":"a"}`: "",
		"name: n\n---\n":                          "",
		"{\"name\":\"\\ud83d\\ude00\"}":           "",
		"name: n\n---\nname: m\n":                 "cannot be several documents",
		`{"clientToken":"x","clientToken":"y"}`:   "clientToken: cannot be given twice",
		"ClientToken: x\nclientToken: y\nname: n": "2: clientToken: cannot be given twice",
		"[]":      "holds no submission",
		"# none":  "holds no submission",
		"name: [": "cannot be read as YAML or JSON",
	} {
		path := filepath.Join(t.TempDir(), "run.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := &controlv1.StartJobRunRequest{ApplicationId: "given", Spec: &specv1.JobRun{}}
		err := readRequest(t.Context(), path, r)
		if want == "" && (err != nil || r.GetSpec().GetName() == "" || r.GetApplicationId() != "given") {
			t.Errorf("%s: %v, %v", text, err, r)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if strings.Contains(text, "Token") && r.GetClientToken() != "x" {
			t.Errorf("%s: the token is %q", text, r.GetClientToken())
		}
	}
}
