package spark

import (
	"path/filepath"
	"strconv"
	"strings"
)

// moduleOptions open what Spark reaches into on Java 17. Spark's own launcher adds the same ones; ours is the only one
// that runs.
var moduleOptions = []string{
	"-XX:+IgnoreUnrecognizedVMOptions",
	"--add-opens=java.base/java.lang=ALL-UNNAMED",
	"--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
	"--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
	"--add-opens=java.base/java.io=ALL-UNNAMED",
	"--add-opens=java.base/java.net=ALL-UNNAMED",
	"--add-opens=java.base/java.nio=ALL-UNNAMED",
	"--add-opens=java.base/java.util=ALL-UNNAMED",
	"--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
	"--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
	"--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
	"--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
	"--add-opens=java.base/sun.nio.cs=ALL-UNNAMED",
	"--add-opens=java.base/sun.security.action=ALL-UNNAMED",
	"--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
	"--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
	"-Djdk.reflect.useDirectMethodHandle=false",
}

// jvm is one run of Java.
type jvm struct {
	layout    layout
	heapMiB   int64 // 0: Java chooses
	milliCPU  int64
	classPath string   // of the user, before Spark's own
	hadoop    []string // Hadoop's configuration and libraries, after Spark's own
	options   []string // of the user, the last word
	class     string
	args      []string
	jarsOnly  bool // without the configuration: the class path of an archive of class data
}

// command returns program and arguments. The JVM sees as many processors as its worker has vCPUs, so that its pools
// fit.
func (j jvm) command() []string {
	args := []string{
		filepath.Join(j.layout.java, "bin", "java"),
		"-cp", j.path(),
		"-XX:ActiveProcessorCount=" + strconv.FormatInt(max(1, (j.milliCPU+999)/1000), 10),
		"-Djava.io.tmpdir=" + j.layout.temporary(),
	}
	if j.layout.archive != "" {
		args = append(args, "-XX:SharedArchiveFile="+j.layout.archive, "-Xshare:auto", "-Xlog:cds*=error")
	}
	if j.heapMiB > 0 {
		args = append(args, "-Xmx"+strconv.FormatInt(j.heapMiB, 10)+"m")
	}
	args = append(args, moduleOptions...)
	args = append(append(args, j.options...), j.class)
	return append(args, j.args...)
}

// path returns the class path: our jar, the user's, the distribution and the configuration. It begins with what the
// archive of class data was written for, which has jars only, unless the user brings classes: Java leaves the archive
// out then.
func (j jvm) path() string {
	parts := []string{j.layout.plugin}
	if j.classPath != "" {
		parts = append(parts, j.layout.classPath(j.classPath))
	}
	parts = append(parts, filepath.Join(j.layout.release.SparkHome, "jars", "*"))
	if s3 := j.layout.release.S3Dir; s3 != "" {
		parts = append(parts, filepath.Join(s3, "*"))
	}
	if !j.jarsOnly {
		parts = append(parts, j.layout.conf())
	}
	return strings.Join(append(parts, j.hadoop...), string(filepath.ListSeparator))
}

// hadoopPath returns what Spark's own launcher takes from a run's environment for the end of the class path.
func hadoopPath(environment map[string]string) (parts []string) {
	for _, name := range []string{"HADOOP_CONF_DIR", "YARN_CONF_DIR", "SPARK_DIST_CLASSPATH"} {
		if value := environment[name]; value != "" {
			parts = append(parts, value)
		}
	}
	return parts
}
