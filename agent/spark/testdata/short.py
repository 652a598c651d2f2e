"""Needs two executors to begin, and says how many it had."""
from pyspark.sql import SparkSession

context = SparkSession.builder.getOrCreate().sparkContext
total = context.parallelize(range(4), 4).sum()
print("had", context._jsc.sc().getExecutorMemoryStatus().size() - 1, "executors, sum", total)
