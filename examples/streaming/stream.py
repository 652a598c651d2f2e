"""Counts words of files as they arrive, exactly once, and goes on where it was when it is started again.

    spark-submit stream.py INBOX OUTBOX CHECKPOINT

It runs until a file named stop lies in INBOX.
"""

import os
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

inbox, outbox, checkpoint = sys.argv[1:]
spark = SparkSession.builder.appName("streaming").getOrCreate()
words = (spark.readStream.text(inbox, pathGlobFilter="*.txt").select(f.explode(f.split("value", " ")).alias("word")).where("word <> ''"))


def keep(batch, number):
    """Writes a batch under its number: one that is done again after a failure replaces itself."""
    batch.groupBy("word").count().coalesce(1).write.mode("overwrite").json(os.path.join(outbox, f"batch-{number}"))


query = words.writeStream.foreachBatch(keep).option("checkpointLocation", checkpoint).trigger(processingTime="1 second").start()
while not os.path.exists(os.path.join(inbox, "stop")):
    time.sleep(0.2)
query.processAllAvailable()
query.stop()
print("batches so far:", len([name for name in os.listdir(outbox) if name.startswith("batch-")]))
spark.stop()
