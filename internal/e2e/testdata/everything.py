"""Uses a module, a file and an archive in tasks, and waits until executors have come, gone and come again."""

import threading
import time

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def read(name):
    with open(name) as file:
        return file.read().strip()


def found(_):
    import greeting

    return greeting.greet(), read(SparkFiles.get("word.txt")), read("unpacked/inside.txt")


def executors(context):
    return context._jsc.sc().getExecutorMemoryStatus().size() - 1  # the driver is one of them


def wait(condition):
    until = time.monotonic() + 150
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("executors did not come or go")
        time.sleep(0.1)


def work(number):
    time.sleep(2)
    return number


def main():
    spark = SparkSession.builder.appName("everything").getOrCreate()
    context = spark.sparkContext
    module, file, archive = context.parallelize([0], 1).map(found).collect()[0]
    print(f"module {module}\nfile {file}\narchive {archive}")
    load = threading.Thread(target=context.parallelize(range(12), 12).map(work).sum)
    load.start()
    wait(lambda: executors(context) == 3)
    print("executors 3")
    load.join()
    wait(lambda: executors(context) == 0)
    print("executors 0")
    assert context.parallelize(range(2), 2).sum() == 1
    print("executors again")
    spark.stop()


if __name__ == "__main__":
    main()
