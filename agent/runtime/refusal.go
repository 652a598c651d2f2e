package runtime

import (
	"errors"
	"os"
	"path/filepath"
)

// RecordRefusal records the end of a worker that could not be started, and says why in its logs, where people look
// first. Of the specification it needs the id and the folder of the logs. A worker whose start was tried has its logs
// already.
func (r *Runtime) RecordRefusal(spec Spec, exit Exit) error {
	err := r.RecordEnd(spec.ID, exit)
	if exists(filepath.Join(r.Dir(spec.ID), specFile)) {
		return err
	}
	if claimed := r.claimLogs(&spec); claimed != nil {
		return errors.Join(err, claimed)
	}
	err = errors.Join(err, writeJSON(filepath.Join(r.Dir(spec.ID), specFile), spec))
	for name, text := range map[string]string{"stdout": "", "stderr": exit.Message + "\n"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(r.logsOf(spec.ID), name), []byte(text), 0o600))
	}
	return err
}
