"""Copies lines from files that appear in a directory to another one, exactly once, until it is stopped.

    spark-submit streaming.py INPUT OUTPUT CHECKPOINT
"""

import sys

from pyspark.sql import SparkSession


if __name__ == "__main__":
    source, sink, checkpoint = sys.argv[1:]
    spark = SparkSession.builder.appName("streaming").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    lines = spark.readStream.option("maxFilesPerTrigger", "1").text(source)
    query = (
        lines.writeStream.format("text")
        .option("checkpointLocation", checkpoint)
        .trigger(processingTime="200 milliseconds")
        .start(sink)
    )
    query.awaitTermination()
