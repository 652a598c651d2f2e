#!/bin/sh
# Makes environment.tar.gz: a Python with a package that the nodes do not have.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "making a virtual environment" >&2
python3 -m venv --copies "$work/environment"
echo "installing roman 4.2 into it" >&2
"$work/environment/bin/python" -m pip install --quiet --disable-pip-version-check roman==4.2
echo "packing it" >&2
tar -C "$work/environment" -czf environment.tar.gz .
