package upload

import (
	"crypto/sha256"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Whatever a file is called and holds, its URI means just that file, and is one word of a shell and a path's last part.
func TestD3_AURIMeansTheFileThatItWasMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringN(1, 200, 300).Draw(t, "base")
		file := File{Digest: sha256.Sum256([]byte(base)), Name: NameLike(base)}
		got, err := Parse(file.URI())
		if err != nil || got != file || !Is(file.URI()) {
			t.Fatalf("%s is %v, %v", file.URI(), got, err)
		}
		if strings.ContainsAny(file.Name, "/ #?%\\'\"") || strings.HasPrefix(file.Name, ".") {
			t.Fatalf("%q would be no plain name", file.Name)
		}
	})
	for base, want := range map[string]string{
		"count.py":      "count.py",
		"my job (1).py": "my_job__1_.py",
		".hidden.py":    "_hidden.py",
		"..":            "_.",
	} {
		if got := NameLike(base); got != want {
			t.Errorf("%q is called %q, not %q", base, got, want)
		}
	}
}

func TestD3_WhatIsNoURIOfAFileIsRefused(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	for _, uri := range []string{
		"headrace://", "headrace://x/y", "headrace://sha256-abcd/x", "headrace://sha256-" + digest,
		"headrace://sha256-" + digest + "/", "headrace://sha256-" + digest + "/a/b", "headrace://sha256-" + digest + "/..",
		"headrace://sha256-" + digest + "/.x", "headrace://sha256-" + strings.ToUpper(digest) + "/x",
		"headrace://sha256-" + digest + "/a b", "headrace://sha256-" + digest + "/" + strings.Repeat("x", 129),
	} {
		err := Check(sparkRun(uri, ""))
		if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), "spec.driver.spark_submit.entry_point: ") {
			t.Errorf("%q: %v", uri, err)
		}
		if files := Files(sparkRun(uri, "")); files != nil {
			t.Errorf("%q names %v", uri, files)
		}
	}
}

// sparkRun is a Spark run with an entry point and parameters.
func sparkRun(entry, parameters string) *specv1.JobRun {
	submit := specv1.SparkSubmit_builder{EntryPoint: &entry, SparkSubmitParameters: &parameters}
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{SparkSubmit: submit.Build()}.Build()}.Build()
}

func TestD3_AJobRunNamesFilesWhereItNamesPrograms(t *testing.T) {
	uri := File{Digest: sha256.Sum256(nil), Name: "x.py"}.URI()
	process := specv1.Process_builder{Command: []string{uri, uri}, TaskCommand: []string{uri}}
	tasks := specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: process.Build()}.Build()}.Build()
	for want, run := range map[int]*specv1.JobRun{0: sparkRun("s3://a/b", ""), 1: sparkRun(uri, ""), 2: tasks} {
		if files := Files(run); len(files) != want || Check(run) != nil {
			t.Errorf("%v names %v, %v", run, files, Check(run))
		}
	}
	err := Check(sparkRun("s3://a/b", "--py-files "+uri))
	const field = "spec.driver.spark_submit.spark_submit_parameters: "
	if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), field) {
		t.Errorf("in the parameters: %v", err)
	}
}
