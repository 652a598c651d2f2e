package spark

import (
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// master is what the plug-in answers for.
const master = "spark-headrace://agent"

// imageHome is where Spark is in the image that users know; such paths mean the release's own.
const imageHome = "/usr/lib/spark/"

// pathLists are the properties whose values are lists of paths.
var pathLists = []string{
	"spark.jars", "spark.files", "spark.archives", "spark.submit.pyFiles",
	"spark.driver.extraClassPath", "spark.executor.extraClassPath",
}

// driverProperties returns the assignment's properties under what the platform enforces.
func (e *Engine) driverProperties(p place, w *agentv1.AssignedWorker, d *agentv1.SparkDriver, socket string) map[string]string {
	all := map[string]string{
		"spark.network.crypto.enabled": "true",
		"spark.eventLog.enabled":       "true",
		"spark.eventLog.dir":           "file://" + p.events(),
	}
	maps.Copy(all, d.GetProperties())
	for _, name := range pathLists {
		if value, ok := all[name]; ok {
			all[name] = p.inRelease(value)
		}
	}
	maps.Copy(all, map[string]string{
		"spark.master":                 master,
		"spark.submit.deployMode":      "client",
		"spark.driver.host":            e.config.Host,
		"spark.driver.bindAddress":     e.bind(),
		"spark.authenticate":           "true",
		"spark.authenticate.secret":    hex.EncodeToString(w.GetSecret()),
		"spark.ui.port":                "0",
		"spark.headrace.socket":        socket,
		"spark.headrace.applicationId": w.GetJobRunId(),
		"spark.headrace.attempt":       strconv.FormatUint(uint64(w.GetAttempt()), 10),
	})
	return all
}

// inRelease replaces the paths of the image that users know by those of the release.
func (p place) inRelease(value string) string {
	home := p.release.SparkHome + "/"
	value = strings.ReplaceAll(value, "local://"+imageHome, "file://"+home)
	parts := strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
	for i, part := range parts {
		entries := strings.Split(part, ":")
		for j, entry := range entries {
			if rest, found := strings.CutPrefix(entry, imageHome); found {
				entries[j] = home + rest
			}
		}
		parts[i] = strings.Join(entries, ":")
	}
	return strings.Join(parts, ",")
}

// writeProperties writes a properties file that only its owner reads: the secret is in it.
func writeProperties(path string, properties map[string]string) error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		fmt.Fprintf(&text, "%s=%s\n", escape(name, true), escape(properties[name], false))
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(path, []byte(text.String()), 0o600)
}

// escape writes a name or value so that java.util.Properties reads it back. Spark cuts blanks at the ends of values by itself.
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
