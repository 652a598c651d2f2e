"""A small query that says when its session stood, its first task began and its first result was there, in seconds since 1970."""

import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("bench").getOrCreate()
print(f"session {time.time():.3f}", flush=True)
total = spark.range(0, 100_000, numPartitions=2).selectExpr("sum(id % 7) as total").collect()[0]["total"]
print(f"first_result {time.time():.3f} {total}", flush=True)

# Spark's own record of its tasks is written beside the query, so it may come a moment later than the result.
store = spark.sparkContext._jsc.sc().statusStore()
for _ in range(50):
    tasks = store.taskList(0, 0, 1)
    if not tasks.isEmpty():
        print(f"first_task {tasks.head().launchTime().getTime() / 1000:.3f}", flush=True)
        break
    time.sleep(0.02)
spark.stop()
