#!/bin/sh
# Joins a million orders, nine of ten of one customer, while executors come and go with the load.
cd "$(dirname "$0")"
. ../common.sh

create --name skewed-join
start $small --conf spark.dynamicAllocation.initialExecutors=0 --conf spark.dynamicAllocation.maxExecutors=3 \
    --conf spark.dynamicAllocation.executorIdleTimeout=10s \
    --conf spark.dynamicAllocation.shuffleTracking.timeout=10s --conf spark.decommission.enabled=false \
    --conf spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes=1m \
    --conf spark.sql.adaptive.skewJoin.skewedPartitionFactor=2 \
    --conf spark.sql.adaptive.advisoryPartitionSizeInBytes=1m --conf spark.sql.shuffle.partitions=8 \
    --entry-point "file://$here/skewed_join.py" --arg 1000000
finish
