#!/bin/sh
# Counts words of files as they arrive; is stopped; is started again, and counts only what is new.
cd "$(dirname "$0")"
. ../common.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
app=$(create --name streaming)

# once runs the stream over what lies in the inbox.
once() {
    run=$(start "$app" $small --mode STREAMING --conf spark.executor.instances=1 --conf spark.dynamicAllocation.enabled=false \
        --entry-point "file://$here/stream.py" --arg "$work/in" --arg "$work/out" --arg "$work/checkpoint")
    sleep 1
    touch "$work/in/stop"
    finish "$app" "$run"
    rm "$work/in/stop"
}

echo "to be or not to be" >"$work/in/monday.txt"
once
echo "to sleep" >"$work/in/tuesday.txt"
once
echo "words in all, each file counted once:"
cat "$work"/out/batch-*/*.json | python3 -c '
import collections, json, sys
counts = collections.Counter()
for line in sys.stdin:
    row = json.loads(line)
    counts[row["word"]] += row["count"]
for word, count in sorted(counts.items()):
    print(" ", word, count)'
remove "$app"
