package spark

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/pages"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// master is what the plug-in answers for.
const master = "spark-headrace://agent"

// Properties whose values are lists of URIs, and class paths.
var (
	uriLists   = []string{"spark.jars", filesSetting, archivesOfRun, "spark.submit.pyFiles"}
	classPaths = []string{driverClassPath, "spark.executor.extraClassPath"}
)

const driverClassPath = "spark.driver.extraClassPath"

// driverProperties returns the assignment's properties under what the platform enforces.
func (e *Engine) driverProperties(p layout, w *agentv1.AssignedWorker, d *agentv1.SparkDriver, socket string) (
	all map[string]string,
) {
	all = defaultProperties(p)
	maps.Copy(all, d.GetProperties())
	for _, name := range uriLists {
		if value, ok := all[name]; ok {
			all[name] = p.uris(value)
		}
	}
	for _, name := range classPaths {
		if value, ok := all[name]; ok {
			all[name] = p.classPath(value)
		}
	}
	maps.Copy(all, e.enforcedProperties(w, socket))
	all[filtersSetting] = joinedSettings(pagesFilter, all[filtersSetting])
	return all
}

// defaultProperties are those of the platform that a run may change.
func defaultProperties(p layout) map[string]string {
	return map[string]string{
		"spark.network.crypto.enabled": "true",
		"spark.eventLog.enabled":       "true",
		"spark.eventLog.dir":           "file://" + p.events(),
		// Event logs are taken away while they grow, a file at a time.
		"spark.eventLog.rolling.enabled":     "true",
		"spark.eventLog.rolling.maxFileSize": "16m",
		"spark.ui.killEnabled":               "false", // people see the pages through servers, which only let them look
	}
}

// enforcedProperties are those that hold whatever a run says.
func (e *Engine) enforcedProperties(w *agentv1.AssignedWorker, socket string) map[string]string {
	return map[string]string{
		"spark.master":              master,
		"spark.submit.deployMode":   "client",
		"spark.driver.host":         e.config.Host,
		"spark.driver.bindAddress":  e.bind(),
		"spark.authenticate":        "true",
		"spark.authenticate.secret": hex.EncodeToString(w.GetSecret()),
		"spark.ui.port":             "0",
		tokenSetting:                pages.Token(w.GetSecret()),
		"spark.headrace.socket":     socket,
		// Executors on one node cannot read each other's files: they ask each other, as on two nodes.
		"spark.shuffle.readHostLocalDisk": "false",
		"spark.headrace.applicationId":    w.GetJobRunId(),
		"spark.headrace.attempt":          strconv.FormatUint(uint64(w.GetAttempt()), 10),
	}
}

// joinedSettings joins lists; empty ones are left out.
func joinedSettings(lists ...string) string {
	return strings.Join(slices.DeleteFunc(lists, func(list string) bool { return strings.TrimSpace(list) == "" }), ",")
}

// writeProperties writes a properties file of ours that only its owner reads: the secret is in it.
func (p layout) writeProperties(name string, properties map[string]string) error {
	var text strings.Builder
	for _, property := range slices.Sorted(maps.Keys(properties)) {
		fmt.Fprintf(&text, "%s=%s\n", escape(property, true), escape(properties[property], false))
	}
	return p.write(name, []byte(text.String()), 0o600)
}

// escape writes a name or value so that java.util.Properties reads it back. Spark cuts blanks at the ends of values by
// itself.
func escape(text string, name bool) string {
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\\', name && strings.ContainsRune(" :=#!", r), r == ' ' && i == 0:
			out.WriteRune('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
