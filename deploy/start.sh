#!/bin/sh
# Starts one process of the service in a container; the log goes to standard error.
#   start.sh web | worker | migrate
#   start.sh secrets                 prints fresh secrets, to be kept as helpline.env
#   start.sh healthy                 whether web answers
#   start.sh doctor                  or any other command of `flask helpline`
set -eu
cd "$(dirname "$0")/.."
flask="python -m flask --app app:create_app helpline"

case ${1:-web} in
web)
    if [ -w /dev/shm ]; then
        export PROMETHEUS_MULTIPROC_DIR="${PROMETHEUS_MULTIPROC_DIR:-/dev/shm/helpline-metrics}"
    fi
    exec python -m gunicorn --config deploy/gunicorn.conf.py "app:create_app()"
    ;;
worker) exec $flask worker ;;
migrate) exec $flask set-up --wait ;;
secrets)
    exec python -c '
import pathlib, tempfile
from helpline.cli.settings_file import make_secrets
with tempfile.TemporaryDirectory() as folder:
    make_secrets(pathlib.Path(folder))
    print(pathlib.Path(folder, "helpline.env").read_text(), end="")'
    ;;
healthy)
    exec python -c '
import os, urllib.request
urllib.request.urlopen("http://127.0.0.1:%s/healthz" % os.environ["PORT"], timeout=4)'
    ;;
*) exec $flask "$@" ;;
esac
