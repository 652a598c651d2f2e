#!/bin/sh
# Builds primes.jar with javac against the jars of the release. The same source and a JDK 17 give the same bytes.
set -eu
cd "$(dirname "$0")"
SPARK_HOME=${SPARK_HOME:-${HEADRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/headrace}/releases/emr-7.2.0/spark}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
javac --release 17 -proc:none -g:source,lines -cp "$SPARK_HOME/jars/*" -d "$work" src/Primes.java
jar --create --no-manifest --date=2024-01-01T00:00:00Z --file primes.jar -C "$work" Primes.class
