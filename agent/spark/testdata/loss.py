"""Counts words, then loses an executor in the middle of a job. Arguments: text, folder for signs."""

import os
import sys
import time

from pyspark.sql import SparkSession

text, signs = sys.argv[1:]


def until(condition):
    end = time.monotonic() + 90
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("waited too long")
        time.sleep(0.05)


def task(number):
    open(os.path.join(signs, "task-%d" % number), "w").close()
    until(lambda: os.path.exists(os.path.join(signs, "killed")))
    return number


spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext
counts = context.textFile(text, 4).flatMap(str.split).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
for word, count in sorted(counts.collect()):
    print("count", word, count)
print("sum", context.parallelize(range(8), 8).map(task).sum())
until(lambda: context._jsc.sc().getExecutorMemoryStatus().size() == 3)
print("executors are complete again")
print("secret shown:", "authenticate.secret" in open("/proc/self/cmdline").read())
spark.stop()
