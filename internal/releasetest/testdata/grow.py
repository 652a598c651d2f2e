"""Runs a query with a shuffle and a function of Python, then tasks until as many executors are there as its argument says."""

import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf


def main(wanted):
    spark = SparkSession.builder.appName("grow").getOrCreate()
    seventh = udf(lambda number: number % 7, "long")
    groups = spark.range(0, 1000, 1, 2).groupBy(seventh("id").alias("k")).count().count()
    print(f"first_result {time.time():.3f} {groups}", flush=True)
    context = spark.sparkContext
    until = time.monotonic() + 120
    while context._jsc.sc().getExecutorMemoryStatus().size() - 1 < wanted:  # the driver is one of them
        if time.monotonic() > until:
            raise TimeoutError("executors did not come")
        context.parallelize(range(4), 4).foreach(lambda _: time.sleep(1))
    print(f"executors {wanted}")
    spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
