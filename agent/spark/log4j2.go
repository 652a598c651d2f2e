package spark

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
)

// log4jSetting is the property of Java by which a run brings its own configuration of logs.
const log4jSetting = "log4j2.configurationFile"

// log4jDefaults are Spark's own settings of Log4j 2, which hold unless a run changes them. Those of Spark 3.3 differ:
// it logs to the standard output, where only what the program writes belongs.
//
//go:embed log4j2.properties
var log4jDefaults string

// log4j writes what a run changes of Spark's settings of Log4j 2, over those, and returns the option by which Java
// finds them; none where Spark's own are right as they are. A run's own option comes later, so it wins.
func (p layout) log4j(changes map[string]string) (option []string, err error) {
	if can := p.release.Can(); len(changes) == 0 && can.LogsToStderr() {
		return nil, nil
	}
	all := map[string]string{}
	for line := range strings.Lines(log4jDefaults) {
		if name, value, ok := strings.Cut(line, "="); ok {
			all[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	maps.Copy(all, changes)
	const name = "conf/log4j2.properties"
	if err := p.writeProperties(name, all); err != nil {
		return nil, refused("cannot write the settings of logs: %v", err)
	}
	return []string{"-D" + log4jSetting + "=" + p.own(name)}, nil
}

// log4jProperty returns, for a process that waits, what the options of a JVM say of Log4j 2.
func log4jProperty(options []string) map[string]string {
	properties := map[string]string{}
	for _, option := range slices.Backward(options) {
		if path, found := strings.CutPrefix(option, "-D"+log4jSetting+"="); found {
			properties[log4jSetting] = path
			break
		}
	}
	return properties
}
