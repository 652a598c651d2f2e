#!/bin/sh
# Merges into an Iceberg table, whose jar comes from the registry by --packages, and travels back in time.
cd "$(dirname "$0")"
. ../common.sh

warehouse=$(mktemp -d)
trap 'rm -rf "$warehouse"' EXIT
app=$(create --name iceberg)
run=$(start "$app" $small --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
    --spark-submit-parameters "--packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.5.2" \
    --entry-point "file://$here/merge.py" --arg "file://$warehouse")
finish "$app" "$run"
remove "$app"
