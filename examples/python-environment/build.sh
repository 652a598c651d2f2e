#!/bin/sh
# Makes environment.tar.gz: a Python with a package that the nodes do not have. It needs python3 and its pip, and
# nothing else.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
echo "making a virtual environment" >&2
python3 -m venv --copies --without-pip "$work/environment"
packages=$("$work/environment/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
echo "installing roman 4.2 into it" >&2
PIP_ROOT_USER_ACTION=ignore \
    python3 -m pip install --quiet --disable-pip-version-check --target "$packages" roman==4.2 >&2
echo "packing it" >&2
tar -C "$work/environment" -czf "$work/environment.tar.gz" .
mv "$work/environment.tar.gz" environment.tar.gz
