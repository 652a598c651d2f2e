package fleet

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/shipping"
	"github.com/headrace/headrace/internal/logpath"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// eventsFolder is where Spark's drivers write their event logs, in a worker's working directory; see agent/spark.
const eventsFolder = engine.OwnFolder + "/events"

// Shipper takes logs to where they are kept. *shipping.Shipper does.
type Shipper interface {
	// Add begins to take the logs of a worker.
	Add(shipment shipping.Shipment) error
	// End says that a worker has ended, and EndOthers that all but these have.
	End(worker string)
	EndOthers(live map[string]bool)
}

// ship begins to take a worker's logs to where its assignment says. A worker runs also without. Logs that are in no
// folder, as in memory, are taken nowhere.
func (f *Fleet) ship(a *agentv1.AssignedWorker) {
	logs := f.config.Runtime.LogsDir(a.GetWorkerId())
	if logs == "" {
		return
	}
	shipment := shipping.Shipment{Worker: a.GetWorkerId(), Logs: logs, Folder: logFolder(a)}
	if home, err := f.config.Runtime.Home(a.GetWorkerId()); err == nil { // one that was refused may have none
		shipment.User = home.User
		shipment.Work = home.Path()
	}
	if a.GetSparkDriver() != nil && shipment.Work != "" {
		shipment.Events = eventsFolder
		shipment.EventFolder = logAttempt(a).EventLogs()
		shipment.KeptEvents = keptEvents(a.GetSparkDriver())
	}
	for _, d := range a.GetLogDestinations() {
		shipment.Destinations = append(shipment.Destinations, shipping.Destination{
			URI:        d.GetUri(),
			WorkerLogs: d.GetWorkerLogs(),
			EventLogs:  d.GetEventLogs(),
			Managed:    d.GetManaged(),
		})
	}
	if err := f.config.Shipper.Add(shipment); err != nil {
		f.config.Logger.Error("cannot begin to take a worker's logs to where they are kept",
			"worker", a.GetWorkerId(), "error", err)
	}
}

// keptEventsSetting is Spark's own: how many files of a rolling event log stay, without which its history server keeps
// all. Servers check it.
const keptEventsSetting = "spark.history.fs.eventLog.rolling.maxFilesToRetain"

// keptEvents returns how many files of a driver's event log stay on this node; 0: as many as usual.
func keptEvents(driver *agentv1.SparkDriver) int {
	kept, err := strconv.ParseInt(strings.TrimSpace(driver.GetProperties()[keptEventsSetting]), 10, 32)
	if err != nil {
		return 0 // the run says nothing
	}
	return int(kept)
}

// logFolder returns where a worker's logs are below the node's logs. They are taken to the same folder elsewhere.
func logFolder(a *agentv1.AssignedWorker) string {
	return logpath.Worker{
		Attempt: logAttempt(a),
		Type:    a.GetType(),
		Process: a.GetProcess() != nil,
		Number:  a.GetNumber(),
		Epoch:   a.GetEpoch(),
	}.Folder()
}

// logAttempt names an attempt as folders of logs do.
func logAttempt(a *agentv1.AssignedWorker) logpath.Attempt {
	return logpath.Attempt{
		Application: a.GetApplicationId(),
		Run:         a.GetJobRunId(),
		Number:      a.GetAttempt(),
		Apart:       a.GetAttemptsApart(),
	}
}
