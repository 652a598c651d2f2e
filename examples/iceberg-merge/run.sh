#!/bin/sh
# Merges into an Iceberg table, whose jar comes from the registry by --packages, and travels back in time.
cd "$(dirname "$0")"
. ../common.sh

scratch
create --name iceberg
start $small --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
    --spark-submit-parameters "--packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.5.2" \
    --entry-point "file://$here/merge.py" --arg "file://$work"
finish
