# What the examples' run.sh share: they create an application, run something on it, and print what its driver wrote.
# Everything else goes to the standard error. Every headrace command takes --output json, so that scripts need no
# guessing.
set -eu
here=$(pwd)
app='' work=''

command -v headrace >/dev/null || {
    echo "cannot find headrace: put its folder into PATH, as examples/README.md says" >&2
    exit 1
}

# small are sizes with which every example runs on a laptop.
small="--conf spark.driver.cores=1 --conf spark.driver.memory=1g"
small="$small --conf spark.executor.cores=1 --conf spark.executor.memory=1g"

# create creates an application, app.
create() {
    echo "creating an application" >&2
    app=$(headrace application create --release emr-7.2.0 --output json "$@" | field application application_id)
}

# start submits a job run to the application, run.
start() { run=$(headrace job-run start "$app" --output json "$@" | field job_run job_run_id); }

# finish waits for the job run, with progress, and prints what its driver wrote.
finish() {
    headrace job-run wait "$app" "$run" >&2 || { headrace job-run logs "$app" "$run" --stream stderr >&2; exit 1; }
    headrace job-run logs "$app" "$run"
}

# field prints a field of the JSON that headrace prints.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]][sys.argv[2]])' "$1" "$2"; }

# scratch makes a directory, work, where this script and the workers write: in one that the nodes share, if workers are
# isolated.
scratch() {
    shared=$(headrace node list --output json | python3 -c '
import json, sys
print(next(iter(json.load(sys.stdin)["nodes"][0].get("shared_directories", [])), ""))')
    umask 002
    work=$(mktemp -d -p "${shared:-${TMPDIR:-/tmp}}")
    [ -z "$shared" ] || chmod 2770 "$work"
}

# clean leaves nothing behind, however the example ends.
clean() {
    [ -z "$work" ] || rm -rf "$work"
    [ -z "$app" ] || { headrace application stop "$app" --force --wait && headrace application delete "$app"; } >&2
}
trap clean EXIT
trap 'exit 130' INT TERM
