# What the examples' run.sh share: they create an application, run something on it, and read what it printed. Every headrace command
# takes --output json, so that scripts need no guessing.
set -eu

# field prints a field of the JSON that headrace prints.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]][sys.argv[2]])' "$1" "$2"; }

# create creates an application and prints its id.
create() { headrace application create --release emr-7.2.0 --output json "$@" | field application application_id; }

# start submits a job run to an application and prints its id.
start() { headrace job-run start --output json "$@" | field job_run job_run_id; }

# finish waits for a job run, with progress on the standard error, and prints what its driver wrote.
finish() {
    headrace job-run wait "$1" "$2" >&2
    headrace job-run logs "$1" "$2"
}

# remove stops an application and deletes it.
remove() {
    headrace application stop "$1" --wait >&2
    headrace application delete "$1" >&2
}

# small are sizes with which every example runs on a laptop.
small="--conf spark.driver.cores=1 --conf spark.driver.memory=1g --conf spark.executor.cores=1 --conf spark.executor.memory=1g"
here=$(pwd)
