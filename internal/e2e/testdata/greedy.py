"""Uses more and more memory in the driver's own Python, far beyond any worker."""

from pyspark.sql import SparkSession

if __name__ == "__main__":
    spark = SparkSession.builder.appName("greedy").getOrCreate()
    hoard = []
    while len(hoard) < 1 << 20:
        hoard.append(bytearray(16 << 20))
    print("nobody stopped it", len(hoard))
