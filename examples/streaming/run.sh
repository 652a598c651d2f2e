#!/bin/sh
# Counts words of files as they arrive; is stopped; is started again, and counts only what is new.
cd "$(dirname "$0")"
. ../common.sh

scratch
mkdir "$work/in" "$work/out"
create --name streaming

# once starts the stream, waits until it has written a new batch, and stops it.
once() {
    start $small --mode STREAMING --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
        --entry-point "file://$here/stream.py" --arg "$work/in" --arg "$work/out" --arg "$work/checkpoint"
    echo "waiting for $1" >&2
    timeout 120 sh -c "until [ -e '$work/out/$1/_SUCCESS' ]; do sleep 0.2; done"
    touch "$work/in/stop"
    finish
    rm "$work/in/stop"
}

echo "to be or not to be" >"$work/in/monday.txt"
once batch-0
echo "to sleep" >"$work/in/tuesday.txt"
once batch-1
echo "words in all, each file counted once:"
cat "$work"/out/batch-*/*.json | python3 -c '
import collections, json, sys
counts = collections.Counter()
for line in sys.stdin:
    row = json.loads(line)
    counts[row["word"]] += row["count"]
for word, count in sorted(counts.items()):
    print(" ", word, count)'
