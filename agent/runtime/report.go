package runtime

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"
)

// reportFD is the number that the report pipe has in a shim.
const reportFD = 3

// startTimeout bounds how long a shim may take to start its worker.
const startTimeout = 30 * time.Second

// startReport is what a shim tells the agent once, over a pipe, when its worker runs or cannot.
type startReport struct {
	Refused *Exit  `json:"refused,omitempty"` // nil: it runs
	Note    string `json:"note,omitempty"`    // what it goes on without
}

// Refusal is the error of a worker that could not be started.
type Refusal struct {
	Exit Exit
}

// Error returns why.
func (r *Refusal) Error() string { return r.Exit.Message }

// readReport waits for a shim's report.
func readReport(pipe *os.File) (startReport, error) {
	if err := pipe.SetReadDeadline(time.Now().Add(startTimeout)); err != nil {
		return startReport{}, err
	}
	var report startReport
	err := json.NewDecoder(pipe).Decode(&report)
	if errors.Is(err, io.EOF) {
		err = errors.New("the process that was to hold it ended; shim.log in its directory may say why")
	}
	return report, err
}
