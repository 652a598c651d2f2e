"""Says as JSON what a run can see of what was in its driver and its executor before it."""

import json
import os
import re
import sys
import tempfile

from pyspark import SparkContext
from pyspark.sql import SparkSession

SparkContext._ensure_initialized()
jvm = SparkContext._jvm
seen = {}


def listing(folder):
    """Returns all that is in a folder, without the parts of names that are random."""
    found = (os.path.relpath(os.path.join(top, name), folder) for top, ds, names in os.walk(folder) for name in ds + names)
    return sorted({re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", name) for name in found})


def field(type_name, name, of=None):
    """Returns a private field of a class or of a Scala object."""
    found = jvm.java.lang.Class.forName(type_name).getDeclaredField(name)
    found.setAccessible(True)
    return found.get(of)


def module(type_name):
    return field(type_name + "$", "MODULE$")


def look(when):
    """Notes what there is now."""
    loaders, loader = [], jvm.java.lang.Thread.currentThread().getContextClassLoader()
    while loader is not None:
        urls = [str(url) for url in loader.getURLs()] if "URLClassLoader" in loader.getClass().getName() else []
        loaders.append([loader.getClass().getName(), urls])
        loader = loader.getParent()
    cache = field("org.apache.hadoop.fs.FileSystem", "CACHE")
    seen[when] = {
        "properties": dict(jvm.java.lang.System.getProperties()),
        "threads": [thread.getName() for thread in jvm.java.lang.Thread.getAllStackTraces().keySet()],
        "class loaders": loaders,
        "file systems": field("org.apache.hadoop.fs.FileSystem$Cache", "map", cache).size(),
        "temporary": listing(tempfile.gettempdir()),
        "local": listing(os.environ["SPARK_LOCAL_DIRS"]),
        "working directory": sorted(os.listdir(".")),
        "session": [jvm.SparkSession.getDefaultSession().isDefined(), jvm.SparkSession.getActiveSession().isDefined()],
        "environment of Spark": jvm.org.apache.spark.SparkEnv.get() is not None,
        "user": str(field("org.apache.hadoop.security.UserGroupInformation", "loginUserRef").get()),
        "level of logs": str(jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel()),
        "configuration of logs": str(jvm.org.apache.logging.log4j.LogManager.getContext(False).getConfiguration().getConfigurationSource().getLocation()),
        "handler": str(jvm.java.lang.Thread.getDefaultUncaughtExceptionHandler()),
        "factory of URLs": str(field("java.net.URL", "factory")),
        "hooks": field("java.lang.ApplicationShutdownHooks", "hooks").size(),
        "events": listing(os.path.join(os.environ["HOME"], ".headrace", "events")),
        "token": jvm.java.lang.System.getProperty("spark.headrace.token"),
    }


look("before the session")
spark = SparkSession.builder.appName("probe").getOrCreate()
seen["application"] = [spark.sparkContext.applicationId, spark.sparkContext._jsc.sc().applicationAttemptId().get()]
seen["settings"] = dict(spark.sparkContext.getConf().getAll())
row = spark.range(0, 1, numPartitions=1).selectExpr(
    "java_method('java.lang.System', 'getProperties') as properties", "java_method('java.lang.Thread', 'getAllStackTraces') as threads",
    "java_method('java.lang.Thread', 'getDefaultUncaughtExceptionHandler') as handler",
    "split(java_method('org.apache.logging.log4j.LogManager', 'getRootLogger'), ' in ')[0] as level").collect()[0]
seen["executor"] = row.asDict()
hadoop = spark.sparkContext._jsc.hadoopConfiguration()
seen["hadoop"] = {name: hadoop.get(name) for name in ("fs.permissions.umask-mode", "fs.defaultFS")}
serializer = jvm.org.apache.spark.SparkEnv.get().serializer().getClass().getSimpleName()
seen["session settings"] = {"shuffle partitions": spark.conf.get("spark.sql.shuffle.partitions"), "kind of serialisation": serializer}
store = spark._jsparkSession.sharedState().statusStore()
seen["queries"] = [query.executionId() for query in jvm.scala.collection.JavaConverters.seqAsJavaList(store.executionsList())]
look("after a query")
spark.stop()
print("seen " + json.dumps(seen))
