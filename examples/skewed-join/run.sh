#!/bin/sh
# Joins a million orders, nine of ten of one customer, while executors come and go with the load.
cd "$(dirname "$0")"
. ../common.sh

app=$(create --name skewed-join)
run=$(start "$app" $small --conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.initialExecutors=1 \
    --conf spark.dynamicAllocation.minExecutors=0 --conf spark.dynamicAllocation.maxExecutors=3 \
    --conf spark.dynamicAllocation.executorIdleTimeout=5s --conf spark.dynamicAllocation.shuffleTracking.timeout=5s \
    --conf spark.sql.shuffle.partitions=8 --conf spark.sql.autoBroadcastJoinThreshold=-1 \
    --conf spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes=1m --conf spark.sql.adaptive.advisoryPartitionSizeInBytes=1m \
    --conf spark.sql.adaptive.skewJoin.skewedPartitionFactor=2 \
    --entry-point "file://$here/skewed_join.py" --arg 1000000)
finish "$app" "$run"
remove "$app"
