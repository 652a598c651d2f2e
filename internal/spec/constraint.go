package spec

import (
	"github.com/headrace/headrace/internal/label"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// checkNodes holds what is said of the nodes of an application to the language of constraints.
func checkNodes(a *specv1.Application) error {
	if err := checkConstraints(root+".constraints", a.GetConstraints()); err != nil {
		return err
	}
	if err := checkConstraints(root+".preferences", a.GetPreferences()); err != nil {
		return err
	}
	if !a.HasSpread() {
		return nil
	}
	if problem := label.CheckKey(a.GetSpread()); problem != "" {
		return wrong(root+".spread", "%s", problem)
	}
	return nil
}

func checkConstraints(at string, texts []string) error {
	_, err := label.ParseAll(at, texts)
	return err
}
