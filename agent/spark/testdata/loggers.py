"""Writes to two loggers of the JVM, one of which the test lets through, and has an executor do something."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("logging").getOrCreate()
loggers = spark._jvm.org.apache.log4j.LogManager
loggers.getLogger("Mine").info("heard of mine")
loggers.getLogger("Other").info("heard of other")
loggers.getLogger("Other").error("heard of an error")
print(spark.range(10).count())
spark.stop()
