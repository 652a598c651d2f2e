package shipping

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent/guest"
)

// Shipment is what is taken of one worker.
type Shipment struct {
	// Worker is its id.
	Worker string `json:"worker"`
	// Logs is the folder of its stdout and stderr on this node, absolute.
	Logs string `json:"logs"`
	// Folder is where they go, below the folder of all logs of a destination.
	Folder string `json:"folder"`
	// User is whom the worker runs as; nil: the agent's own user.
	User *guest.User `json:"user,omitempty"`
	// Work is its working directory on this node, absolute.
	Work string `json:"work"`
	// Events is the folder of its event logs in Work; empty: it has none.
	Events string `json:"events,omitempty"`
	// EventFolder is where they go.
	EventFolder string `json:"event_folder,omitempty"`
	// Destinations are at most a few.
	Destinations []Destination `json:"destinations"`
	// Ended is when the worker ended; zero: it runs.
	Ended time.Time `json:"ended,omitzero"`
}

// Destination is where logs outlive the node.
type Destination struct {
	// URI is s3://..., file:///... or OnServers.
	URI string `json:"uri"`
	// WorkerLogs and EventLogs say what goes there.
	WorkerLogs bool `json:"worker_logs"`
	EventLogs  bool `json:"event_logs"`
	// Managed says that the cluster's operator named the destination. Another one is touched with the worker's rights.
	Managed bool `json:"managed,omitempty"`
}

// OnServers is the destination on the servers' own disks.
const OnServers = "servers:"

const shipmentFile = "shipment.json"

// to returns the destinations that take worker logs, or event logs.
func (s Shipment) to(takes func(Destination) bool) (all []Destination) {
	for _, d := range s.Destinations {
		if takes(d) {
			all = append(all, d)
		}
	}
	return all
}

// write replaces a file of JSON at once.
func write(path string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	made, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(made.Name()) }()
	_, err = made.Write(content)
	if err := errors.Join(err, made.Close()); err != nil {
		return err
	}
	return os.Rename(made.Name(), path)
}

// read reads a file of JSON; one that is not there leaves the value as it is.
func read(path string, value any) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(content, value)
}
