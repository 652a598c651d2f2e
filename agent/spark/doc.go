// Package spark runs Spark drivers and executors as workers of an agent, on an unmodified Spark distribution.
//
// A driver is SparkSubmit in client mode with the master spark-headrace://agent. The plug-in (plugin/, Java, embedded here as a
// jar) answers for that master: it asks the agent on its own machine for executors, over a unix socket in the driver's
// directory, and hears there how each executor ended. Executors are workers of their own, placed by the server and started, on
// whatever node, as Spark's CoarseGrainedExecutorBackend.
//
// The socket speaks JSON lines. The driver opens with {"hello": token} and then says, whenever it changes and after every
// connect, all that it wants: {"target": executors in all, "stop": [numbers], "driver_url": ..., "application_id": ...,
// "properties": {...}, "ui_port": of its pages, on loopback}. The agent says {"ended": number, "code": ..., "message": ..., "program_fault": ...} for every executor
// that is gone, and all of them again after a connect, because the agent may be restarted while the driver goes on.
//
// A worker's working directory holds, in the folder .headrace: local/ (shuffle and spilled data), tmp/, events/ (Spark's event
// log), conf/ (on the class path), spark.properties (with the secret, mode 0600) and agent.sock. The plug-in and the archives of class
// data lie beside the releases, where all workers of the node read them.
//
// Java and Python are the node's, found by package machine, unless the run brings or names others: JAVA_HOME may be a path of the
// image that users know, which then means a version, and a Python may be in an archive that is unpacked into the working
// directory of driver and executors. Paths into the image's Spark are paths into the release. What a node lacks is refused before
// a JVM starts, so that another node may do it; a file that the run names and that is missing fails the attempt.
//
// The secret of an attempt never stands on a command line: drivers read it from the properties file, executors from their
// environment.
package spark
