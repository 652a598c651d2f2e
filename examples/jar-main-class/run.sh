#!/bin/sh
# Runs a class of a JAR: build.sh makes primes.jar from src/.
cd "$(dirname "$0")"
. ../common.sh

create --name primes
start $small --conf spark.executor.instances=2 --conf spark.dynamicAllocation.enabled=false \
    --entry-point "file://$here/primes.jar" --spark-submit-parameters "--class Primes" --arg 200000
finish
