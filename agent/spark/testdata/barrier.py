"""Runs a stage in barrier mode, whose timer outlives every context, and ends without stopping its own."""

from pyspark import BarrierTaskContext
from pyspark.sql import SparkSession


def together(rows):
    BarrierTaskContext.get().barrier()
    return rows


context = SparkSession.builder.getOrCreate().sparkContext
print("sum", context.parallelize(range(10), 1).barrier().mapPartitions(together).sum())
