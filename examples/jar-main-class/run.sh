#!/bin/sh
# Runs a class of a JAR: build.sh makes primes.jar from src/.
cd "$(dirname "$0")"
. ../common.sh

app=$(create --name primes)
run=$(start "$app" $small --conf spark.executor.instances=2 --conf spark.dynamicAllocation.enabled=false \
    --entry-point "file://$here/primes.jar" --spark-submit-parameters "--class Primes" --arg 200000)
finish "$app" "$run"
remove "$app"
