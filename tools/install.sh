#!/bin/sh
# Makes .venv and installs one pinned requirements file into it, unless that has been done.
#   sh tools/install.sh requirements.txt
set -eu
cd "$(dirname "$0")/.."
file=$1
python=${PYTHON:-python3}
stamp=.venv/.stamp-$file
key=$(cksum <"$file")

if [ -x .venv/bin/python ] && .venv/bin/python -c '' && [ "$(cat "$stamp" 2>/dev/null || :)" = "$key" ]; then
    exit 0
fi

if ! command -v "$python" >/dev/null 2>&1; then
    echo "$python was not found. Python 3.11 or later is required: on Debian" \
        "'apt-get install python3 python3-venv', on macOS 'brew install python'." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is $("$python" --version 2>&1), but Python 3.11 or later is required. If another" \
        "version is installed, pass it: 'make run PYTHON=python3.12'." >&2
    exit 1
fi
if ! { [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    echo "Creating a virtual environment in .venv ..."
    if ! "$python" -m venv --clear .venv; then
        rm -rf .venv
        echo "Python's venv module is incomplete. On Debian: 'apt-get install python3-venv'." >&2
        exit 1
    fi
fi
echo "Installing the packages of $file (once, takes about a minute) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$file"
echo "$key" >"$stamp"
