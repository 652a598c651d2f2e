package spark

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/words"
)

// The prefixes of names. Both service prefixes mean the same; the result has ours.
const (
	servicePrefix = "spark.headrace."
	awsPrefix     = "spark.emr-serverless."
	driverEnv     = servicePrefix + "driverEnv."
	executorEnv   = "spark.executorEnv."
	hadoopPrefix  = "spark.hadoop."
)

// setting is a value and the field of the request that it came from. A default of the release has no field.
type setting struct{ value, field string }

// levels has every property after the levels were merged.
type levels map[string]setting

// merge puts the levels on top of each other, lowest first.
func merge(in Input) (mainClass string, l levels, err error) {
	p, err := readParameters(in.Parameters)
	if err != nil {
		return "", nil, err
	}
	l = levels{}
	l.add("", releaseDefaults(in.ReleaseLabel))
	for _, site := range in.Hadoop {
		l.add(site.Field, hadoop(site.Properties))
	}
	l.add(in.Defaults.Field, in.Defaults.Properties)
	l.add(parametersField, p.conf)
	l.add(parametersField, p.options)
	if l.dynamic() {
		l.addMissing(dynamicDefaults())
	}
	if err := l.check(in.ReleaseLabel); err != nil {
		return "", nil, err
	}
	return p.mainClass, l, l.settleEncryption()
}

// check refuses what users may not set, and what the release does not know.
func (l levels) check(label string) error {
	if err := l.checkRefused(label); err != nil {
		return err
	}
	if err := l.checkRoles(label); err != nil {
		return err
	}
	return l.checkEnvironments()
}

// add puts a level on top. If a property is spelt in both ways, ours wins, in whatever order the map is.
func (l levels) add(field string, level map[string]string) {
	for key, value := range level {
		rest, aws := strings.CutPrefix(key, awsPrefix)
		if !aws {
			l[key] = setting{value, field}
		} else if _, both := level[servicePrefix+rest]; !both {
			l[servicePrefix+rest] = setting{value, field}
		}
	}
}

// hadoop adds the prefix by which Spark passes properties to Hadoop to those that lack it. If a property is there with
// and without the prefix, the one with the prefix wins, in whatever order the map is.
func hadoop(site map[string]string) map[string]string {
	properties := make(map[string]string, len(site))
	for key, value := range site {
		if strings.HasPrefix(key, hadoopPrefix) {
			properties[key] = value
		} else if _, both := site[hadoopPrefix+key]; !both {
			properties[hadoopPrefix+key] = value
		}
	}
	return properties
}

func (l levels) addMissing(defaults map[string]string) {
	for key, value := range defaults {
		if _, set := l[key]; !set {
			l[key] = setting{value: value}
		}
	}
}

// asked says whether somebody set the property.
func (l levels) asked(key string) bool { return l[key].field != "" }

// text is a property's value without blanks at its ends.
func (l levels) text(key string) string { return strings.TrimSpace(l[key].value) }

// invalid is an error about a property.
func (l levels) invalid(key, format string, args ...any) error {
	args = append([]any{key, words.Excerpt(l.text(key))}, args...)
	return errs.Field(l[key].field, "%s=%s: "+format, args...)
}

// hidden is an error about a property. It does not repeat the value, which may be secret.
func (l levels) hidden(key, format string, args ...any) error {
	return errs.Field(l[key].field, "%s=***: "+format, append([]any{key}, args...)...)
}

// fieldOf returns the field of the last property that somebody asked for.
func (l levels) fieldOf(keys ...string) (field string) {
	for _, key := range keys {
		if l.asked(key) {
			field = l[key].field
		}
	}
	return field
}

// flag reads true or false; a property that is not set is false.
func (l levels) flag(key string) (bool, error) {
	switch strings.ToLower(l.text(key)) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, l.invalid(key, "write true or false")
}

// count reads a whole number of at least least, such as a number of cores or executors.
func (l levels) count(key string, least int64) (uint32, error) {
	n, err := strconv.ParseInt(l.text(key), 10, 64)
	if err != nil || n < least || n > maxCount {
		return 0, l.invalid(key, "write a whole number from %d to %d", least, maxCount)
	}
	return uint32(n), nil
}

// maxCount is the largest number that Spark itself can read: its counts are Java integers.
const maxCount = 1<<31 - 1

// under returns what is set under a prefix, by the rest of the name; nil if nothing is.
func (l levels) under(prefix string) map[string]string {
	var found map[string]string
	for key, s := range l {
		if name, under := strings.CutPrefix(key, prefix); under && name != "" {
			if found == nil {
				found = map[string]string{}
			}
			found[name] = s.value
		}
	}
	return found
}

// sorted returns the names of all properties in order, so that the first error is always the same.
func (l levels) sorted() []string { return slices.Sorted(maps.Keys(l)) }
