"""The job of a rehearsal: a session, small queries with a shuffle, and Python on the executor."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

spark = SparkSession.builder.appName("rehearsal").getOrCreate()
for _ in range(2):
    numbers = spark.range(0, 1000, numPartitions=2)
    numbers.selectExpr("id % 7 as k", "cast(id as string) as text").groupBy("k").agg(f.count("text"), f.sum(f.length("text"))).orderBy("k").collect()
    numbers.selectExpr("sum(id % 7) as total").collect()
spark.sparkContext.parallelize(["a b", "b"], 2).flatMap(str.split).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collect()
spark.createDataFrame([(1, "a"), (2, "b")], ["n", "text"]).filter("n > 1").count()
spark.stop()
