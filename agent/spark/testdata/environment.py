"""Says which Python, Java and archives driver and executor have. The module is in the brought environment alone."""

import os
import sys

import only_in_the_archive
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def told(_):
    import only_in_the_archive

    with open("data/word") as word:
        return "%s %s %s %s" % (os.path.relpath(sys.executable), only_in_the_archive.WORD, word.read(), os.environ["JAVA_HOME"])


print("driver", told(0))
print("executor", *spark.sparkContext.parallelize([0], 1).map(told).collect())
print("java", spark.sparkContext._jvm.System.getProperty("java.home"))
spark.stop()
