package cli

import (
	"encoding/json"
	"os"

	"google.golang.org/protobuf/encoding/protojson"
	"gopkg.in/yaml.v3"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// readRequest reads a request in the API's names; what it does not know is an error.
func readRequest(path string, r *controlv1.StartJobRunRequest) error {
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return errs.Field("file", "cannot read the request: %w", err)
	}
	var tree any
	if err := yaml.Unmarshal(content, &tree); err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	if err := protojson.Unmarshal(raw, r); err != nil {
		return errs.Field("file", "cannot read %s: %w", path, err)
	}
	return nil
}
