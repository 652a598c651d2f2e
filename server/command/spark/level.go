package spark

import (
	"strings"

	"github.com/headrace/headrace/server/command/property"
)

// The prefixes of names. Both service prefixes mean the same; the result has ours.
const (
	servicePrefix = "spark.headrace."
	awsPrefix     = "spark.emr-serverless."
	driverEnv     = servicePrefix + "driverEnv."
	executorEnv   = "spark.executorEnv."
	hadoopPrefix  = "spark.hadoop."
)

// levels has every property after the levels were merged.
type levels struct{ property.Levels }

// merge puts the levels on top of each other, lowest first.
func merge(in Input) (mainClass string, l levels, err error) {
	p, err := readParameters(in.Parameters)
	if err != nil {
		return "", levels{}, err
	}
	l = levels{property.Levels{}}
	l.Put(property.Level{Properties: releaseDefaults(in.ReleaseLabel)}, ownSpelling)
	for _, site := range in.Hadoop {
		l.Put(cut(site), hadoopSpelling)
	}
	l.Put(cut(in.Defaults), ownSpelling)
	l.Put(property.Level{Field: parametersField, Properties: p.conf}, ownSpelling)
	l.Put(property.Level{Field: parametersField, Properties: p.options}, ownSpelling)
	if l.dynamic() {
		l.addMissing(dynamicDefaults())
	}
	if err := l.check(in.ReleaseLabel); err != nil {
		return "", levels{}, err
	}
	return p.mainClass, l, l.settleEncryption()
}

// check refuses what users may not set, and what the release does not know.
func (l levels) check(label string) error {
	if err := l.checkRefused(label); err != nil {
		return err
	}
	if err := l.CheckRoles(label, hadoopPrefix); err != nil {
		return err
	}
	if err := l.CheckSupport(); err != nil {
		return err
	}
	if err := l.checkKeptEvents(); err != nil {
		return err
	}
	return l.checkEnvironments()
}

// checkKeptEvents checks how many files of a rolling event log stay on the driver's node: its agent counts them.
func (l levels) checkKeptEvents() error {
	if !l.Has(keptEvents) {
		return nil
	}
	_, err := l.Count(keptEvents, 1)
	return err
}

// ownSpelling returns a property's name as this package reads it: with our prefix for that of the original.
func ownSpelling(key string) string {
	if rest, aws := strings.CutPrefix(key, awsPrefix); aws {
		return servicePrefix + rest
	}
	return key
}

// cut returns what stands in files as Spark reads it there: without blanks at the ends of values, except ends of lines.
// What --conf says is kept as it is.
func cut(file property.Level) property.Level {
	properties := make(map[string]string, len(file.Properties))
	for key, value := range file.Properties {
		properties[key] = strings.TrimFunc(value, cuttable)
	}
	file.Properties = properties
	return file
}

// cuttable says whether Spark cuts a character at the ends of values in files. It would cut a zero byte, too, which is
// refused.
func cuttable(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' && r != 0 }

// hadoopSpelling returns the name under which Spark passes a property to Hadoop: a property of a site may lack the
// prefix.
func hadoopSpelling(key string) string {
	if strings.HasPrefix(key, hadoopPrefix) {
		return key
	}
	return hadoopPrefix + key
}

func (l levels) addMissing(defaults map[string]string) {
	for key, value := range defaults {
		if !l.Has(key) {
			l.Default(key, value)
		}
	}
}

// flag reads true or false; a property that is not set is false.
func (l levels) flag(key string) (bool, error) {
	if l.Text(key) == "" {
		return false, nil
	}
	return l.Flag(key)
}

// under returns what is set under a prefix, by the rest of the name; nil if nothing is.
func (l levels) under(prefix string) map[string]string {
	var found map[string]string
	for key, set := range l.Levels {
		if name, under := strings.CutPrefix(key, prefix); under && name != "" {
			if found == nil {
				found = map[string]string{}
			}
			found[name] = set.Value
		}
	}
	return found
}
