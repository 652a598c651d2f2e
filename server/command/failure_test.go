package command_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command"
)

// What drivers really write at their end; a node keeps the last kilobytes of it.
const (
	pythonModule = `24/05/01 10:00:00 WARN NativeCodeLoader: Unable to load native-hadoop library for your platform
Traceback (most recent call last):
  File "/work/job.py", line 1, in <module>
    import pandas as pd
ModuleNotFoundError: No module named 'pandas'
24/05/01 10:00:01 INFO ShutdownHookManager: Shutdown hook called
`
	executorModule = `py4j.protocol.Py4JJavaError: An error occurred while calling o55.count.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times, ` +
		`most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (10.0.0.7 executor 1): ` +
		`org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/opt/spark/python/lib/pyspark.zip/pyspark/worker.py", line 1100, in main
    func, profiler, deserializer, serializer = read_command(pickleSer, infile)
ModuleNotFoundError: No module named 'geo.shapes'

	at org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:572)
	... 15 more
`
	s3Forbidden = `Exception in thread "main" org.apache.spark.SparkException: Job aborted.
	at org.apache.spark.sql.errors.QueryExecutionErrors$.jobAbortedError(QueryExecutionErrors.scala:638)
Caused by: java.nio.file.AccessDeniedException: s3a://data/in.csv: getFileStatus on s3a://data/in.csv: ` +
		`com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403; ` +
		`Error Code: 403 Forbidden)
	at org.apache.hadoop.fs.s3a.S3AUtils.translateException(S3AUtils.java:255)
	... 22 more
`
	hdfsForbidden = `org.apache.hadoop.security.AccessControlException: Permission denied: user=hadoop, access=WRITE, ` +
		`inode="/":root:root:drwxr-xr-x
	at org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker.check(FSPermissionChecker.java:506)
`
	botoForbidden = `Traceback (most recent call last):
  File "/work/job.py", line 9, in <module>
    client.get_object(Bucket="data", Key="in.csv")
botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied
`
	survivedForbidden = `24/05/01 10:00:00 WARN Fetch: AccessDenied on s3://other, trying the next bucket
retrying after Access Denied
Traceback (most recent call last):
  File "/work/job.py", line 12, in <module>
    print(row["price"])
KeyError: 'price'
`
	survivedException = `Traceback (most recent call last):
  File "/work/job.py", line 3, in load
    import pandas
ModuleNotFoundError: No module named 'pandas'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/work/job.py", line 5, in load
    raise LoadFailed("no reader for parquet")
job.LoadFailed: no reader for parquet
`
	jvmMemory = `Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
	at java.base/java.util.Arrays.copyOf(Arrays.java:3745)
24/05/01 10:00:01 INFO ShutdownHookManager: Deleting directory /tmp/spark-1
`
	loggedMemory = `24/05/01 10:00:00 WARN TaskSetManager: Lost task 0.0 in stage 1.0: ` +
		`java.lang.OutOfMemoryError: Java heap space
	at java.base/java.util.Arrays.copyOf(Arrays.java:3745)
24/05/01 10:00:09 INFO SparkContext: Successfully stopped SparkContext
`
	pythonMemory = `Traceback (most recent call last):
  File "/work/job.py", line 4, in <module>
    x = np.zeros((10**6, 10**6))
numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array
`
	noClass = `Error: Failed to load class com.example.Main.
24/05/01 10:00:01 INFO ShutdownHookManager: Shutdown hook called
`
	noJAR = `24/05/01 10:00:00 WARN DependencyUtils: Local jar /usr/lib/spark/examples/jars/none.jar does not exist, ` +
		`skipping.
Error: Failed to load class org.apache.spark.examples.SparkPi.
`
	noMain = `Error: Could not find or load main class com.example.Main
Caused by: java.lang.ClassNotFoundException: com.example.Main
`
	noScript    = "python3: can't open file '/work/none.py': [Errno 2] No such file or directory\n"
	noLocalFile = `Exception in thread "main" java.io.FileNotFoundException: File file:/work/none.jar does not exist
	at org.apache.hadoop.fs.RawLocalFileSystem.deprecatedGetFileStatus(RawLocalFileSystem.java:779)
`
	noPath = `pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] ` +
		`Path does not exist: s3a://data/none.csv.
`
	plan = `pyspark.errors.exceptions.captured.AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] ` +
		"A column with name `x` cannot be resolved.;" + `
'Project ['x]
+- LogicalRDD [a#0L], false
`
	chain = `Exception in thread "main" java.lang.RuntimeException: cannot load the table
	at com.example.Main.main(Main.java:4)
Caused by: java.lang.IllegalStateException: the header says 4 columns
	at com.example.Table.read(Table.java:40)
	... 1 more
`
	ownError  = "loading\n24/05/01 10:00:00 ERROR Importer: line 7 has no date\n24/05/01 10:00:01 INFO Importer: bye\n"
	badOption = "Improperly specified VM option 'MaxDirectMemorySize=nonsense'\n" +
		"Error: Could not create the Java Virtual Machine.\n" +
		"Error: A fatal exception has occurred. Program will exit.\n"
	onlyLogs = "24/05/01 10:00:00 INFO Importer: hello\n24/05/01 10:00:01 INFO Importer: bye\n"
)

func TestDriverFailure_IsReadFromTheEndOfItsStderr(t *testing.T) {
	for name, c := range map[string]struct {
		stderr string
		kind   state.FailureKind
		said   string
	}{
		"python module": {
			pythonModule, state.FailedModuleNotFound,
			"exit code 1: ModuleNotFoundError: No module named 'pandas'; its workers have no Python module pandas: " +
				"ship it",
		},
		"python module, executors": {executorModule, state.FailedModuleNotFound, "no Python module geo.shapes"},
		"s3 forbidden":             {s3Forbidden, state.FailedAccessDenied, "s3a://data/in.csv"},
		"hdfs forbidden":           {hdfsForbidden, state.FailedAccessDenied, "Permission denied: user=hadoop"},
		"boto forbidden": {
			botoForbidden, state.FailedAccessDenied, "check what the execution role of the run may read and write",
		},
		"survived forbidden": {survivedForbidden, state.FailedUserError, "exit code 1: KeyError: 'price'"},
		"survived exception": {
			survivedException, state.FailedUserError, "exit code 1: job.LoadFailed: no reader for parquet",
		},
		"jvm memory":    {jvmMemory, state.FailedOutOfMemory, "Java heap space; it ran out of memory (peak 7 bytes)"},
		"logged memory": {loggedMemory, state.FailedUserError, "exit code 1: 24/05/01 10:00:09 INFO"},
		"python memory": {pythonMemory, state.FailedOutOfMemory, "Unable to allocate 7.28 TiB"},
		"no class":      {noClass, state.FailedUserError, "there is no class com.example.Main: check --class"},
		"no main":       {noMain, state.FailedUserError, "there is no class com.example.Main: check --class"},
		"no jar": {
			noJAR, state.FailedFileNotFound, "the JAR /usr/lib/spark/examples/jars/none.jar does not exist",
		},
		"no script":     {noScript, state.FailedFileNotFound, "can't open file '/work/none.py'"},
		"no local file": {noLocalFile, state.FailedFileNotFound, "File file:/work/none.jar does not exist"},
		"no path":       {noPath, state.FailedFileNotFound, "s3a://data/none.csv"},
		"plan":          {plan, state.FailedUserError, "cannot be resolved"},
		"chain":         {chain, state.FailedUserError, "IllegalStateException: the header says 4 columns"},
		"own error":     {ownError, state.FailedUserError, "ERROR Importer: line 7 has no date"},
		"bad option": {
			badOption, state.FailedUserError,
			"exit code 1: Improperly specified VM option 'MaxDirectMemorySize=nonsense'",
		},
		"only logs": {onlyLogs, state.FailedUserError, "INFO Importer: bye"},
		"nothing":   {"", state.FailedUserError, "its driver ended with exit code 1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.runs("run", 0)
			w.given(exited(w.worker("run", 0), state.Exit{
				Reason:    state.ExitExited,
				Code:      1,
				Message:   c.stderr,
				PeakBytes: 7,
			}))
			w.wantRun("run", state.RunFailed, c.said)
			if failure := w.view.JobRun("run").Failure; failure.Kind != c.kind ||
				strings.ContainsAny(failure.Message, "\n\t") {
				t.Errorf("%s with %q; expected %s on one line", failure.Kind, failure.Message, c.kind)
			}
		})
	}
}

func TestDriverFailure_ShortensALongLine(t *testing.T) {
	w := newWorld(t)
	w.runs("run", 0)
	line := "ValueError: begin " + strings.Repeat("é", 5000) + " end"
	w.given(exited(w.worker("run", 0), state.Exit{Reason: state.ExitExited, Code: 1, Message: line}))
	w.wantRun("run", state.RunFailed, "ValueError: begin")
	if said := w.view.JobRun("run").Failure.Message; len([]rune(said)) > 300 || !strings.HasSuffix(said, " end") {
		t.Errorf("a line of %d characters gives %q", len(line), said)
	}
}

// A Spark driver only knows that it lost executors; the cluster knows that these had too little memory.
func TestDriverFailure_NamesTheExecutorThatHadTooLittleMemory(t *testing.T) {
	const lost = `Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: ` +
		`Task 0 in stage 0.0 failed 4 times: ` +
		`ExecutorLostFailure (executor 1 exited caused by one of the running tasks)
	at org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)
`
	for name, c := range map[string]struct {
		executor state.Exit
		kind     state.FailureKind
		said     string
	}{
		"by its cgroup": {
			state.Exit{Reason: state.ExitOutOfMemory, PeakBytes: 99},
			state.FailedOutOfMemory,
			"its executor 1 used more memory than the 3 GB that it holds (peak 99 bytes); raise spark.executor.memory",
		},
		"by its disk": {
			state.Exit{Reason: state.ExitOutOfDisk, Message: "the worker held 9 bytes\nwords"},
			state.FailedOutOfDisk,
			"its executor 1 was ended for its disk: the worker held 9 bytes",
		},
		"by its JVM": {
			state.Exit{Reason: state.ExitExited, Code: 52, PeakBytes: 98},
			state.FailedOutOfMemory,
			"its executor 1 ended with exit code 52; it ran out of memory (peak 98 bytes); raise spark.executor.memory",
		},
		"otherwise": {badly, state.FailedUserError, "ExecutorLostFailure"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sparkRuns("run")
			w.given(exited(w.worker("run", 1), c.executor))
			w.given(exited(w.worker("run", 0), state.Exit{Reason: state.ExitExited, Code: 1, Message: lost}))
			w.wantRun("run", state.RunFailed, c.said)
			if got := w.view.JobRun("run").Failure.Kind; got != c.kind {
				t.Errorf("the run failed by %s", got)
			}
		})
	}
}

func TestWorkersDying_SaysHowTheLastOneEnded(t *testing.T) {
	w := newWorld(t)
	w.sparkRuns("run")
	for range command.DefaultLimits().Deaths {
		w.given(exited(w.worker("run", w.view.Attempt("run", 1).LastNumber),
			state.Exit{Reason: state.ExitExited, Code: 52, PeakBytes: 5}))
		if w.view.JobRun("run").State == state.RunRunning {
			w.given(place("run", 1, "", "n2"))
		}
	}
	w.wantRun("run", state.RunFailed,
		"the last was executor 11: it ended with exit code 52; it ran out of memory (peak 5 bytes)")
}

// It is the program's own last error that a failed run tells, in whatever shape, and no advice that does not fit it.
func TestA1_TheReasonIsTheProgramsOwnLastError(t *testing.T) {
	const (
		traced  = "Traceback (most recent call last):\n  File \"/work/job.py\", line 3, in <module>\n"
		missing = traced + "ModuleNotFoundError: No module named 'pandas'\n"
		from    = "\nThe above exception was the direct cause of the following exception:\n\n"
		advice  = "; its workers have no Python module pandas: ship it with the run (Spark: by --py-files, or a packed " +
			"environment in spark.archives)"
	)
	for name, c := range map[string]struct {
		exit state.Exit
		kind state.FailureKind
		said string
	}{
		"syntax": {
			state.Exit{
				Code:    1,
				Message: "  File \"/w/job.py\", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n",
			},
			state.FailedUserError, "ended with exit code 1: SyntaxError: invalid syntax",
		},
		"usage": {
			state.Exit{Code: 2, Message: "usage: a.py [-h]\na.py: error: the following arguments are required: --date\n"},
			state.FailedUserError, "ended with exit code 2: a.py: error: the following arguments are required: --date",
		},
		"text": {
			state.Exit{Code: 1, Message: "24/05/01 10:00:00 WARN Main: slow\nthe input is empty\n"},
			state.FailedUserError, "ended with exit code 1: the input is empty",
		},
		"no interpreter's file": {
			state.Exit{Code: 2, Message: noScript},
			state.FailedFileNotFound,
			"can't open file '/work/none.py': [Errno 2] No such file or directory; check that it is there",
		},
		"handled": {
			state.Exit{Code: 2, Message: missing},
			state.FailedUserError,
			"ended with exit code 2: ModuleNotFoundError: No module named 'pandas'",
		},
		"handled, and said so": {
			state.Exit{Code: 2, Message: missing + "no reader is here\n"},
			state.FailedUserError,
			"ended with exit code 2: no reader is here",
		},
		"handled, then ended by a text": {
			state.Exit{Code: 1, Message: missing + "no reader is here\n"},
			state.FailedUserError,
			"ended with exit code 1: ModuleNotFoundError: No module named 'pandas' ... no reader is here",
		},
		"handled, then killed": {
			state.Exit{Code: 137, Signal: 9, Message: missing},
			state.FailedUserError,
			"was ended by signal 9 (SIGKILL): ModuleNotFoundError: No module named 'pandas'",
		},
		"raised from": {
			state.Exit{Code: 1, Message: missing + from + traced + "RuntimeError: no plugin\n"},
			state.FailedModuleNotFound,
			"exit code 1: RuntimeError: no plugin; caused by ModuleNotFoundError: No module named 'pandas'" + advice,
		},
		"group of several kinds": {
			state.Exit{
				Code: 1,
				Message: "  + Exception Group Traceback (most recent call last):\n" +
					"  |   File \"g.py\", line 9, in <module>\n" +
					"  | ExceptionGroup: several (2 sub-exceptions)\n" +
					"  +-+---------------- 1 ----------------\n" +
					"    | ModuleNotFoundError: No module named 'n'\n" +
					"    +---------------- 2 ----------------\n" +
					"    | ValueError: b\n    +------------------------------------\n",
			},
			state.FailedUserError,
			"ExceptionGroup: several (2 sub-exceptions): ModuleNotFoundError: No module named 'n'; ValueError: b",
		},
		"log of several lines": {
			state.Exit{Code: 3, Message: "row 7 is wrong\n2024-05-01 10:00:00,123 INFO settings:\na=1\n"},
			state.FailedUserError, "ended with exit code 3: row 7 is wrong",
		},
		"lost Python worker": {
			state.Exit{Code: 1, Message: "py4j.protocol.Py4JJavaError: An error occurred while calling o5.count.\n" +
				": org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.3 in stage 0.0\n" +
				"Caused by: org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n" +
				"Caused by: java.io.EOFException\n"},
			state.FailedUserError, "SparkException: Python worker exited unexpectedly (crashed)",
		},
		"no right": {
			state.Exit{Code: 1, Message: traced + "PermissionError: [Errno 13] Permission denied: '/data/x'\n"},
			state.FailedAccessDenied, "'/data/x'; the user that the worker runs as may not do that",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.runs("run", 0)
			c.exit.Reason = state.ExitExited
			w.given(exited(w.worker("run", 0), c.exit))
			w.wantRun("run", state.RunFailed, c.said)
			if failure := w.view.JobRun("run").Failure; failure.Kind != c.kind || !strings.HasSuffix(failure.Message, c.said) {
				t.Errorf("%s with %q; expected %s with %q", failure.Kind, failure.Message, c.kind, c.said)
			}
		})
	}
}

// Spark's driver tells of memory that its executors lacked; raising its own would not help.
func TestA17_MemoryOfAnExecutorIsNotTheDrivers(t *testing.T) {
	const of = ": org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.3 in stage 0.0 (TID 3) " +
		"(10.0.0.7 executor 1): "
	const python = of + "org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n" +
		"  File \"w.py\"\n"
	const starved = "; a Python worker of an executor ran out of memory; raise spark.executor.memoryOverhead"
	for said, message := range map[string]string{
		"MemoryError" + starved:   python + "MemoryError\n",
		"size 9 failed" + starved: python + "pyarrow.lib.ArrowMemoryError: malloc of size 9 failed\n",

		"an executor ran out of memory; raise spark.executor.memory or spark.executor.memoryOverhead": of +
			"java.lang.OutOfMemoryError: Java heap space\n",

		"an executor ran out of memory outside of its heap; raise spark.executor.memoryOverhead": of +
			"org.apache.arrow.memory.OutOfMemoryException: Unable to allocate buffer\n",

		"Java heap space; it ran out of memory (peak 7 bytes); raise its memory": "py4j.protocol.Py4JJavaError: x\n" +
			": java.lang.OutOfMemoryError: Java heap space\n",

		"a Python worker of an executor used more than spark.executor.pyspark.memory, which is 512m: raise that": python +
			"MemoryError\n ",
	} {
		w := newWorld(t)
		if strings.HasSuffix(message, "\n ") {
			w.sparkRuns("run", program(sparkDriver("--conf spark.executor.instances=2 "+smallWorkers+
				" --conf spark.executor.pyspark.memory=512m")))
		} else {
			w.sparkRuns("run")
		}
		w.given(exited(w.worker("run", 0), state.Exit{Reason: state.ExitExited, Code: 1, Message: message, PeakBytes: 7}))
		w.wantRun("run", state.RunFailed, said)
		if failure := w.view.JobRun("run").Failure; failure.Kind != state.FailedOutOfMemory ||
			!strings.HasSuffix(failure.Message, said) {
			t.Errorf("%s with %q, not %q", failure.Kind, failure.Message, said)
		}
	}
}

// An executor lives on when the kernel kills a Python worker of it; its driver only hears that the worker was gone.
func TestA4_ADriverThatLostPythonWorkersNamesTheExecutorThatStarved(t *testing.T) {
	const lost = "py4j.protocol.Py4JJavaError: An error occurred while calling o5.count.\n" +
		": org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.3 in stage 0.0\n" +
		"Caused by: org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n" +
		"Caused by: java.io.EOFException\n"
	for name, c := range map[string]struct {
		starved int64
		message string
		kind    state.FailureKind
		said    string
	}{
		"starved": {
			99, lost, state.FailedOutOfMemory, "its executor 1 used more memory than the 3 GB that it holds (peak 99 bytes)",
		},
		"not starved":          {0, lost, state.FailedUserError, "Python worker exited unexpectedly (crashed)"},
		"starved, not by that": {99, "KeyError: 'x'\n", state.FailedUserError, "KeyError: 'x'"},
	} {
		w := newWorld(t)
		w.sparkRuns("run")
		executor := w.worker("run", 1)
		status := command.WorkerStatus{WorkerID: executor.ID, Epoch: executor.Epoch, Running: true, Starved: c.starved}
		w.given(&command.ReportWorkers{Node: executor.Node, Statuses: []command.WorkerStatus{status, status}})
		w.given(exited(w.worker("run", 0), state.Exit{Reason: state.ExitExited, Code: 1, Message: c.message}))
		w.wantRun("run", state.RunFailed, c.said)
		if got := w.view.JobRun("run").Failure; got.Kind != c.kind {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
