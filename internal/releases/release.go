package releases

import "slices"

// Release is what one label names.
type Release struct {
	Label     string // such as emr-7.2.0
	Spark     string // version of Spark, such as 3.5.1
	Hive      string // version of Hive
	Tez       string // version of Tez
	Java      []int  // major versions of Java that this Spark can use, ascending
	PythonMin string // the oldest Python that this PySpark can use, such as 3.8
	PythonMax string // the newest Python that this PySpark can use, such as 3.12
}

// line is what a minor line of Spark can use.
type line struct {
	java           []int
	oldest, newest string
}

// lineOf returns what the Spark line of a version can use. Newer Python versions than the newest cannot pickle
// functions.
func lineOf(spark string) line {
	switch {
	case versionAtLeast(spark, "3.5.0"):
		return line{[]int{8, 11, 17}, "3.8", "3.12"}
	case versionAtLeast(spark, "3.4.0"):
		return line{[]int{8, 11, 17}, "3.7", "3.11"}
	case versionAtLeast(spark, "3.3.0"):
		return line{[]int{8, 11, 17}, "3.7", "3.10"}
	default:
		return line{[]int{8, 11}, "3.6", "3.9"}
	}
}

// All returns every known release, newest first. The caller may change the slice.
func All() []Release {
	return []Release{
		of("emr-7.2.0", "3.5.1", "3.1.3", "0.10.2"),
		of("emr-7.1.0", "3.5.0", "3.1.3", "0.10.2"),
		of("emr-7.0.0", "3.5.0", "3.1.3", "0.10.2"),
		of("emr-6.15.0", "3.4.1", "3.1.3", "0.10.2"),
		of("emr-6.14.0", "3.4.1", "3.1.3", "0.10.2"),
		of("emr-6.13.0", "3.4.1", "3.1.3", "0.10.2"),
		of("emr-6.12.0", "3.4.0", "3.1.3", "0.10.2"),
		of("emr-6.11.0", "3.3.2", "3.1.3", "0.10.2"),
		of("emr-6.10.0", "3.3.1", "3.1.3", "0.10.2"),
		of("emr-6.9.0", "3.3.0", "3.1.3", "0.10.2"),
		of("emr-6.8.0", "3.3.0", "3.1.3", "0.9.2"),
		of("emr-6.7.0", "3.2.1", "3.1.3", "0.9.2"),
		of("emr-6.6.0", "3.2.0", "3.1.2", "0.9.2"),
	}
}

// of makes one row.
func of(label, spark, hive, tez string) Release {
	can := lineOf(spark)
	return Release{
		Label:     label,
		Spark:     spark,
		Hive:      hive,
		Tez:       tez,
		Java:      can.java,
		PythonMin: can.oldest,
		PythonMax: can.newest,
	}
}

// Lookup returns the release of that label, and whether there is one.
func Lookup(label string) (Release, bool) {
	all := All()
	i := slices.IndexFunc(all, func(r Release) bool { return r.Label == label })
	if i < 0 {
		return Release{}, false
	}
	return all[i], true
}

// ForSpark returns what a Spark of that version can use, for distributions that carry no label of the table.
func ForSpark(label, version string) Release { return of(label, version, "", "") }

// LeastDriverJava is the oldest major version of Java for drivers: the plug-in in them speaks over a unix socket, which
// Java has since 16.
const LeastDriverJava = 17

// CanRunDrivers says whether this Spark runs on a Java that drivers need.
func (r Release) CanRunDrivers() bool {
	return slices.ContainsFunc(r.Java, func(major int) bool { return major >= LeastDriverJava })
}

// LogsToStderr says whether this Spark logs to the standard error when nobody configures it; 3.3 logs to the standard
// output.
func (r Release) LogsToStderr() bool { return versionAtLeast(r.Spark, "3.4.0") }

// CanUseJava says whether this Spark runs on that major version of Java.
func (r Release) CanUseJava(major int) bool { return slices.Contains(r.Java, major) }

// CanUsePython says whether this PySpark works with that version of Python, such as 3.11.7.
func (r Release) CanUsePython(version string) bool {
	minor := firstTwo(version)
	return versionAtLeast(minor, r.PythonMin) && versionAtLeast(r.PythonMax, minor)
}
