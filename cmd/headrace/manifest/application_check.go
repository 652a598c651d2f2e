package manifest

import "strings"

// check returns what is wrong with a spec that was decoded without problems; what depends on the cluster is the cluster's to check.
func (a *Application) check() map[string]string {
	wrong := map[string]string{}
	if _, known := engines[strings.ToUpper(a.Type)]; !known {
		wrong["type"] = "cannot be \"" + a.Type + "\": SPARK, HIVE or PROCESS"
	}
	types := map[string]string{}
	for _, name := range sortedKeys(a.InitialCapacity) {
		if other, twice := types[workerType(name)]; twice {
			wrong[keyed("initialCapacity", name)] = "cannot be given beside " + other + ", which is the same type"
		}
		types[workerType(name)] = name
	}
	repeatedIn(wrong, "runtimeConfiguration", a.RuntimeConfiguration)
	return wrong
}

// repeatedIn notes classifications that a list has twice.
func repeatedIn(wrong map[string]string, path string, list []Configuration) {
	seen := map[string]bool{}
	for _, c := range list {
		if seen[c.Classification] {
			wrong[keyed(path, c.Classification)] = "cannot be given twice: write all its properties into one entry"
		}
		seen[c.Classification] = true
		repeatedIn(wrong, keyed(path, c.Classification)+".configurations", c.Configurations)
	}
}
