"""Counts words of its first argument into its second, both in object storage, with a module that came beside it; then streams the
first into the third, with its checkpoint in the fourth."""

import sys

import words
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("objects").getOrCreate()
lines = spark.sparkContext.textFile(sys.argv[1])
counts = lines.flatMap(words.split).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
spark.createDataFrame(counts, ["word", "count"]).write.mode("overwrite").parquet(sys.argv[2])
for row in spark.read.parquet(sys.argv[2]).orderBy("word").collect():
    print(row["word"], row["count"])
stream = (spark.readStream.text(sys.argv[1]).writeStream.format("parquet").option("checkpointLocation", sys.argv[4])
          .trigger(availableNow=True).start(sys.argv[3]))
stream.awaitTermination()
print("streamed", spark.read.parquet(sys.argv[3]).count())
print("shown", [value for name, value in spark.sparkContext.getConf().getAll() if "secret" in name.lower() and "authenticate" not in name])
spark.stop()
