package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// configuration writes classifications with their properties, a line each; values that look like secrets are hidden.
func configuration(list []*specv1.Configuration) string {
	var lines []string
	for _, c := range list {
		lines = append(lines, c.GetClassification())
		for _, key := range slices.Sorted(maps.Keys(c.GetProperties())) {
			lines = append(lines, "  "+key+"="+output.HideValue(key, c.GetProperties()[key]))
		}
		if below := configuration(c.GetConfigurations()); below != "" {
			lines = append(lines, "  "+strings.ReplaceAll(below, "\n", "\n  "))
		}
	}
	return strings.Join(lines, "\n")
}

// monitoring writes where logs and metrics go, a line each.
func monitoring(m *specv1.Monitoring) string {
	var lines []string
	if s3 := m.GetS3(); s3 != nil {
		lines = append(lines, "logs to "+or(s3.GetLogUri(), "no object store"))
	}
	if p := m.GetManagedPersistence(); p.HasEnabled() {
		lines = append(lines, "managed persistence: "+yes(p.GetEnabled()))
	}
	if l := m.GetLogService(); l.GetEnabled() {
		lines = append(lines, "log service: "+or(l.GetLogGroupName(), "default group"))
	}
	if p := m.GetPrometheus(); p.GetRemoteWriteUrl() != "" {
		lines = append(lines, "metrics to "+p.GetRemoteWriteUrl())
	}
	return strings.Join(lines, "\n")
}

// or returns a text, or another one for an empty text.
func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
