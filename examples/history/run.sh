#!/bin/sh
# Asks the history of job runs who failed, and what that took.
cd "$(dirname "$0")"
. ../common.sh

create --name history
start $small --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
    --entry-point "file://$here/failures.py" --arg "file://${1:-$here/sample}"
finish
