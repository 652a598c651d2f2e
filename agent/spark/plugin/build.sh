#!/bin/sh
# Builds headrace-spark.jar from the sources beside it, with javac against the jars of a Spark distribution. The same
# sources and the same major version of Java (17) give the same bytes, so the jar is checked in, and --check proves that
# it is current.
#
#   SPARK_HOME=... ./build.sh            writes headrace-spark.jar
#   SPARK_HOME=... ./build.sh --check    fails if the checked-in jar is not what the sources give
set -eu

cache=${HEADRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/headrace}
SPARK_HOME=${SPARK_HOME:-$cache/releases/emr-7.2.0/spark}
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v javac >/dev/null || ! command -v jar >/dev/null; then
    echo "cannot build the plug-in: javac and jar are missing; install a JDK 17" \
        "(apt-get install openjdk-17-jdk-headless)" >&2
    exit 1
fi
case $(javac -version 2>&1) in
    "javac 17."*) ;;
    *)
        echo "cannot build the plug-in: $(javac -version 2>&1) gives other bytes than javac 17; set PATH to a JDK 17" >&2
        exit 1
        ;;
esac
if [ ! -d "$SPARK_HOME/jars" ]; then
    echo "cannot build the plug-in: no Spark in $SPARK_HOME; get it with: headrace release fetch emr-7.2.0" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes"
cp -r "$here/src/META-INF" "$here/src/python" "$work/classes/"
javac --release 17 -Xlint:all,-classfile,-processing,-path -Werror -proc:none -g:source,lines -cp "$SPARK_HOME/jars/*" \
    -d "$work/classes" "$here"/src/io/headrace/spark/*.java
(cd "$work/classes" && find . -type f | LC_ALL=C sort | sed 's|^\./||' >"$work/files")
(cd "$work/classes" && jar --create --no-manifest --no-compress --date=2024-01-01T00:00:00Z --file "$work/made.jar" \
    @"$work/files")

if [ "${1:-}" = --check ]; then
    if ! cmp "$work/made.jar" "$here/headrace-spark.jar"; then
        echo "headrace-spark.jar is not what the sources give: run agent/spark/plugin/build.sh and commit the jar" >&2
        exit 1
    fi
    echo "headrace-spark.jar is current"
    exit 0
fi
cp "$work/made.jar" "$here/headrace-spark.jar"
