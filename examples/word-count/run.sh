#!/bin/sh
# Counts the words of a text with three executors.
cd "$(dirname "$0")"
. ../common.sh

app=$(create --name word-count)
run=$(start "$app" $small --conf spark.executor.instances=3 --conf spark.dynamicAllocation.enabled=false \
    --entry-point "file://$here/../wordcount/wordcount.py" --arg "file://$here/../wordcount/text.txt" --arg 10)
finish "$app" "$run"
remove "$app"
