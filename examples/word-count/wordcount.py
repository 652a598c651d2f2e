"""Counts the words of a text with Spark and prints the most frequent ones.

    spark-submit wordcount.py TEXT [HOW_MANY]

TEXT is a URI such as file:///data/text.txt. A word is what lies between other characters than letters and apostrophes, in lower
case. The output does not depend on where or with how many executors it runs: words of equal frequency stand in alphabetical order.
"""

import re
import sys
from operator import add

from pyspark.sql import SparkSession


def words(line):
    return re.findall(r"[a-z']+", line.lower())


def main(text, how_many):
    spark = SparkSession.builder.appName("word count").getOrCreate()
    lines = spark.sparkContext.textFile(text, minPartitions=3)
    counts = lines.flatMap(words).map(lambda word: (word, 1)).reduceByKey(add).collect()
    spark.stop()
    for word, count in sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:how_many]:
        print(f"{count:7d}  {word}")
    print(f"{sum(count for _, count in counts):7d}  words in all, {len(counts)} different ones")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 12)
