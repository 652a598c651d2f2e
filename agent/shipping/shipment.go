package shipping

import (
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/atomicfile"
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
	// KeptEvents is how many parts of an event log stay here at least, the newest ones; 0: as many as usual.
	KeptEvents int `json:"kept_events,omitempty"`
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

// write replaces a file of JSON at once. It is not synced: a shipment that a crash of the machine damaged is given up,
// and its worker's own files are still there; see Shipper.resume.
func write(path string, value any) error {
	return atomicfile.WriteJSON(path, atomicfile.Options{}, value)
}

// read reads a file of JSON; one that is not there leaves the value as it is.
func read(path string, value any) error {
	_, err := atomicfile.ReadJSON(path, value)
	return err
}
