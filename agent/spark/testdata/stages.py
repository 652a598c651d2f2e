# A job of two stages, of 16 tasks of a second and of 4, and a while without a job.
import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def slow(part):
    for x in part:
        time.sleep(1)
        yield (x % 3, x)


pairs = spark.sparkContext.parallelize(range(16), 16).mapPartitions(slow)
print(sorted(pairs.reduceByKey(lambda a, b: a + b, 4).collect()))
time.sleep(4)
spark.stop()
