"""Works, is idle until no executor is left, and works again. Argument: a file that is there once the agent is back."""

import os
import sys
import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext


def executors():
    return context._jsc.sc().getExecutorMemoryStatus().size() - 1


def until(condition):
    end = time.monotonic() + 90
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("waited too long")
        time.sleep(0.05)


def work():
    return context.parallelize(range(1000), 4).sum()


print("first", work(), flush=True)
until(lambda: executors() == 0)
print("idle", flush=True)
until(lambda: os.path.exists(sys.argv[1]))
print("second", work())
spark.stop()
