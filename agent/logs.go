package agent

import (
	"path"
	"strconv"
	"strings"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// logFolder returns where a worker's logs are below the node's logs. Logs are shipped as they lie there:
//
//	applications/<application>/jobs/<run>/[attempts/<attempt>/]<kind>/[<number>/]
//
// with an attempt where a run has more than one, and a number for all but drivers. A later worker of the same number, which is
// perhaps on another node, has its epoch behind the number.
func logFolder(a *agentv1.AssignedWorker) string {
	folder := path.Join("applications", a.GetApplicationId(), "jobs", a.GetJobRunId())
	if a.GetAttemptsApart() {
		folder = path.Join(folder, "attempts", strconv.FormatUint(uint64(a.GetAttempt()), 10))
	}
	folder = path.Join(folder, logKind(a))
	if a.GetNumber() == 0 {
		return folder
	}
	number := strconv.FormatUint(uint64(a.GetNumber()), 10)
	if a.GetEpoch() > 1 {
		number += "-" + strconv.FormatUint(uint64(a.GetEpoch()), 10)
	}
	return path.Join(folder, number)
}

// logKind returns a worker's engine and type, such as SPARK_DRIVER.
func logKind(a *agentv1.AssignedWorker) string {
	engine := "SPARK_"
	if a.GetProcess() != nil {
		engine = "PROCESS_"
	}
	for _, named := range []string{"HIVE_", "TEZ_"} { // these types have their engine's name
		if strings.HasPrefix(a.GetType(), named) {
			engine = ""
		}
	}
	return engine + a.GetType()
}
