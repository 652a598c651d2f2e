#!/bin/sh
# Runs on a Python that comes as an archive, with a package that the nodes lack.
cd "$(dirname "$0")"
. ../common.sh

[ -e environment.tar.gz ] || sh build.sh
create --name numerals
start $small --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
    --conf "spark.archives=file://$here/environment.tar.gz#environment" \
    --conf spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON=./environment/bin/python \
    --conf spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python \
    --conf spark.executorEnv.PYSPARK_PYTHON=./environment/bin/python \
    --entry-point "file://$here/numerals.py"
finish
