package cli

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// readRequest reads a submission as bodies of the HTTP API have it: what is to run, and beside it clientToken. What it
// does not know is an error.
func readRequest(path string, r *controlv1.StartJobRunRequest) error {
	if path == "" {
		return nil
	}
	content, err := readFile(path)
	if err != nil {
		return errs.Field("file", "cannot read the request: %w", err)
	}
	var n yaml.Node
	if err := yaml.Unmarshal(content, &n); err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	tree, problems := (&codec.YAML{}).Read(&n)
	if len(problems) == 0 && tree.Kind != codec.Object {
		return errs.Field("file", "cannot read %s: it holds no submission", path)
	}
	if len(problems) == 0 {
		problems = decodeRequest(tree, r)
	}
	var told []manifest.Problem
	for _, p := range problems {
		told = append(told, manifest.Problem{Source: path, Problem: p})
	}
	return manifest.Error("file", told)
}

// decodeRequest sets in a request what a tree says.
func decodeRequest(tree *codec.Node, r *controlv1.StartJobRunRequest) []codec.Problem {
	var problems []codec.Problem
	const token = "clientToken"
	if n := tree.Get(token); n != nil {
		r.ClientToken, problems = codec.File.Text(n)
		for i := range problems {
			problems[i].Path = token
		}
	}
	said := *tree
	said.Members = slices.DeleteFunc(slices.Clone(tree.Members), func(m codec.Member) bool {
		return m.Name == token || m.Name == "applicationId" // which is given beside the file
	})
	return append(problems, codec.File.Decode(&said, r.GetSpec())...)
}
