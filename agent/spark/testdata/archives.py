"""Runs the program of each archive, by way of a link, in the driver and in an executor."""
import os
import subprocess
import sys

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def run(folder):
    said = subprocess.run([folder + "/bin/link"], capture_output=True, text=True)
    return f"{said.stdout.strip()} {os.readlink(folder + '/bin/link')} {os.path.isdir(folder + '/empty')}"


folders = sys.argv[1:]
for folder in folders:
    print("driver", folder, run("./" + folder))
context = SparkSession.builder.getOrCreate().sparkContext
for folder in folders:
    print("files", folder, run(SparkFiles.get(folder)))
for folder, said in context.parallelize(folders, 1).map(lambda folder: (folder, run("./" + folder))).collect():
    print("executor", folder, said)
