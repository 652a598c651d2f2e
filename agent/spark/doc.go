// Package spark runs Spark drivers and executors as workers of an agent, on an unmodified Spark distribution.
//
// A driver is SparkSubmit in client mode with the master spark-headrace://agent, and ends when its program has. The
// plug-in (plugin/, Java, embedded here as a jar) answers for that master: it asks the agent on its own machine for
// executors, over a unix socket among the sockets of the driver's home, and hears there how each executor ended.
// Executors are workers of their own, placed by the server and started, on whatever node, as Spark's
// CoarseGrainedExecutorBackend.
//
// The socket speaks JSON lines. The driver opens with {"hello": token} and then says, whenever it changes and after
// every connect, all that it wants: {"target": executors in all, "stop": [numbers], "driver_url": ...,
// "application_id": ..., "properties": {...}, "ui_port": of its pages, on loopback}. Among the properties is the size
// of executors, if the program wants them smaller than they were submitted (executor.go). While jobs run it also says
// {..., "progress": {"stages_done": ..., "stages": ..., "tasks_done": ..., "tasks": ...}} of them, once a second; the
// rest is then what it was, and is not passed on again. The agent says {"ended": number, "code": ..., "message": ...,
// "program_fault": ...} for every executor that is gone, and {"shortage": why, "executors": how many it has} when
// servers cannot give it all that it wants, with an empty why when that is over, and {"leaving": [numbers]} for
// executors that it is to let go. It says all of that again after a connect, because the agent may be restarted while
// the driver goes on. The pages themselves ask for another token (plugin's PagesFilter, package pages): others reach
// loopback too.
//
// The agent makes the socket, in a folder that only it writes to, and gives it to the driver's user (socket.go).
//
// A worker's working directory holds, in the folder .headrace: local/ (shuffle and spilled data), tmp/, events/
// (Spark's event log), conf/ (on the class path; unless the run brings its own, with Hadoop's settings, which hold the
// object store's credentials), bin/ (the node's Python under its usual names) and, of a driver, spark.properties (with
// the secret, mode 0600) and archives for executors. All of it belongs to the worker. What all workers of the node
// read, and only the agent writes, lies in the first directory of releases:
//
//	.plugin-<digest>/        the plug-in
//	.classdata/              archives of class data (classdata.go)
//	.packages/<digest>/      the jars of a set of packages with manifest.json, which is written last and whose SHA-256
//	                         the digest is
//	.packages/<key>.set      the digest of the set that a key leads to; the key is a digest of all that was to be
//	                         resolved
//	.packages/once-<worker>.set  the same of packages that may be something else tomorrow; it goes with the worker
//	.packages/<key>.lock     held while it is resolved
//
// The programs of a release that the engine itself needs are errands (see runtime.Errand): writing class data, and
// resolving packages (resolve.go). The agent takes what they made out of their homes, bounded. A node takes no set of
// packages from servers or other nodes, because it would have to believe what they were resolved to.
//
// Java and Python are the node's, found by package machine, unless the run brings or names others: JAVA_HOME may be a
// path of the image that users know, which then means a version, and a Python may be in an archive that is unpacked
// into the working directory of driver and executors. Paths into the image's Spark are paths into the release. What a
// node lacks is refused before a JVM starts, so that another node may do it; a file that the run names and that is
// missing, or that its worker does not see, fails the attempt. What a run brings is never executed by the agent: what
// it says of itself is read, with the worker's rights.
//
// The secret of an attempt never stands on a command line: drivers read it from the properties file, executors from
// their environment.
//
//	engine.go        the engine: prepares workers, and keeps the connections of drivers
//	layout.go        a worker's home and release; hadoop.go, log4j2.go: settings that it finds there
//	driver.go        the command of a driver; executor.go: of an executor; errors.go: or why it cannot start
//	jvm.go           the Java of both; options.go: its options; environment.go, properties.go: variables and properties
//	java.go          which Java; python.go: which Python; runtimes.go: what the node has
//	companion.go     what the agents of executors must know of their driver
//	uri.go           paths in the image, in the release and on the node; s3.go: object storage
//	archives.go      a run's archives, unpacked, and packed anew for Spark where it knows no such kind
//	files.go         a run's files, in the driver's working directory
//	packages.go      a run's packages; package_cache.go, package_set.go: those that this node has; resolve.go: resolved
//	socket.go        sockets of workers; link.go: the one to a driver; talk.go: what both sides say
//	warm.go          a process that waits; waiting.go: the connection to it; need.go: whether it fits a worker
//	classdata.go     archives of class data; plugin.go: the plug-in; both beside the releases
//	ui.go            pages of drivers, and the history server
package spark
