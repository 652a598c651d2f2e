"""A small query that says when its session stands and when its first result is there, in seconds since 1970."""

import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("bench").getOrCreate()
print(f"session {time.time():.3f}", flush=True)
total = spark.range(0, 100_000, numPartitions=2).selectExpr("sum(id % 7) as total").collect()[0]["total"]
print(f"first_result {time.time():.3f} {total}", flush=True)
spark.stop()
