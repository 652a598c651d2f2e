"""Joins orders, most of which are of one customer, with customers, and shows how executors come and go and what Spark makes of the skew.

    spark-submit skewed_join.py ORDERS
"""

import sys
import threading
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as f


def watch(spark, seen, stop):
    """Notes how many executors there are, whenever that changes."""
    status = spark.sparkContext._jsc.sc().statusTracker()
    while not stop.wait(0.2):
        now = len(status.getExecutorInfos()) - 1  # the driver is one of them
        if not seen or seen[-1] != now:
            seen.append(now)


def main(count):
    spark = SparkSession.builder.appName("skewed join").getOrCreate()
    seen, stop = [], threading.Event()
    watcher = threading.Thread(target=watch, args=(spark, seen, stop))
    watcher.start()
    # Nine orders of ten are of customer 0, the others of customers 1 to 999 in turn.
    orders = spark.range(0, count, 1, 8).select(
        f.when(f.col("id") % 10 != 0, 0).otherwise(1 + (f.col("id") / 10).cast("long") % 999).alias("customer"),
        (f.col("id") % 100).alias("amount"), f.sha2(f.col("id").cast("string"), 256).alias("note"))
    customers = spark.range(1000).select(f.col("id").alias("customer"), (f.col("id") % 7).alias("region"))
    joined = orders.join(customers.hint("merge"), "customer").groupBy("region").agg(
        f.count("*").alias("orders"), f.sum("amount").alias("amount"), f.max("note").alias("note")).orderBy("region")
    for row in joined.collect():
        print(f"region {row['region']}: {row['orders']} orders, {row['amount']} in all")
    plan = joined._jdf.queryExecution().executedPlan().toString()
    print("Spark split the skewed partition:", "skewed=true" in plan or "isSkewJoin=true" in plan or "skew=true" in plan)
    until = time.monotonic() + 180
    while seen[-1] > 0 and time.monotonic() < until:
        time.sleep(0.5)  # idle executors are given back
    stop.set()
    watcher.join()
    print("executors came with the load:", max(seen) > 1, "and went:", seen[-1] == 0)
    spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
