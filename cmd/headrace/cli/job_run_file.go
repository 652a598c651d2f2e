package cli

import (
	"context"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// readRequest reads a submission as bodies of the HTTP API have it: what is to run, and beside it clientToken. What it
// does not know is an error.
func readRequest(ctx context.Context, path string, r *controlv1.StartJobRunRequest) error {
	if path == "" {
		return nil
	}
	content, err := readFile(ctx, path)
	if err != nil {
		return errs.Field("file", "cannot read the request: %w", err)
	}
	tree, problems := (&codec.YAML{}).Document(content)
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
	said := *tree
	beside := *tree
	said.Members = nil
	beside.Members = nil
	for _, m := range tree.Members {
		switch m.Name {
		case "clientToken", "ClientToken", "applicationId", "ApplicationId":
			beside.Members = append(beside.Members, m)
		default:
			said.Members = append(said.Members, m)
		}
	}
	names := &controlv1.StartJobRunRequest{} // its application is given beside the file
	problems := codec.File.Decode(&beside, names)
	r.ClientToken = names.GetClientToken()
	return append(problems, codec.File.Decode(&said, r.GetSpec())...)
}
