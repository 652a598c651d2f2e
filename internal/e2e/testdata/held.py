"""Sums task numbers; each task leaves a file, then waits until the file go is there.

    spark-submit held.py DIRECTORY TASKS [SIZES]

With SIZES, it writes more event logs beside its own afterwards: see event_logs.py.
"""

import os
import sys
import time

from pyspark.sql import SparkSession


def held(directory):
    def task(number, _):
        with open(os.path.join(directory, f"task-{number}"), "a") as file:
            file.write("begun\n")
        until = time.monotonic() + 240
        while not os.path.exists(os.path.join(directory, "go")):
            if time.monotonic() > until:
                raise TimeoutError("nobody said go")
            time.sleep(0.05)
        yield number

    return task


if __name__ == "__main__":
    directory, tasks = sys.argv[1], int(sys.argv[2])
    spark = SparkSession.builder.appName("held").getOrCreate()
    total = spark.sparkContext.parallelize(range(tasks), tasks).mapPartitionsWithIndex(held(directory)).sum()
    print("sum", total)
    logs = spark.conf.get("spark.eventLog.dir")
    spark.stop()
    if len(sys.argv) > 3:
        import event_logs

        event_logs.write(logs, sys.argv[3])
