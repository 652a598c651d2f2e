#!/bin/sh
# Counts the words of a text with three executors.
cd "$(dirname "$0")"
. ../common.sh

create --name word-count
start $small --conf spark.executor.instances=3 --conf spark.dynamicAllocation.enabled=false \
    --entry-point "file://$here/wordcount.py" --arg "file://$here/text.txt" --arg 10
finish
