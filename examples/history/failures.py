"""Asks the history of job runs, as `headrace history export` copies it, with Spark.

    spark-submit failures.py FOLDER

FOLDER is a URI such as file:///data/history. It prints per user how many job runs ended, how many of them failed, the vCPU hours that
their workers held, and the most frequent kind of failure.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main(folder):
    spark = SparkSession.builder.appName("history").getOrCreate()
    runs = spark.read.parquet(folder)
    failed = F.col("state") == "FAILED"
    users = (
        runs.groupBy("user")
        .agg(
            F.count("*").alias("runs"),
            F.count(F.when(failed, 1)).alias("failed"),
            F.round(F.sum("vcpu_hours"), 2).alias("vcpu_hours"),
            F.mode("failure_kind").alias("failure"),
        )
        .orderBy("user")
        .collect()
    )
    tagged = runs.where(F.col("tags")["team"] == "data").count()
    spark.stop()
    print("user       runs  failed  vCPU hours  mostly")
    for u in users:
        print(f"{u.user:9} {u.runs:5d} {u.failed:7d} {u.vcpu_hours:11.2f}  {u.failure or '-'}")
    print(f"{tagged} of them have the tag team=data")


if __name__ == "__main__":
    main(sys.argv[1])
