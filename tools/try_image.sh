#!/bin/sh
# Tries the steps of the Containerfile without a container: its files in a bare folder, an unprivileged
# user, no variables of this shell, the packages of .venv. `make image` runs it. As root it also makes the
# folder read-only as a mount, in a mount namespace of its own. It builds no image.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" = 0 ] && [ -z "${TRY_IMAGE_INSIDE:-}" ] && unshare --mount true 2>/dev/null; then
    TRY_IMAGE_INSIDE=1 exec unshare --mount sh "$0"
fi

venv=$(cd .venv && pwd -P)
try=$(mktemp -d)
app=$try/app
web='' worker=''
clean() {
    [ -z "$web$worker" ] || kill $web $worker 2>/dev/null || :
    wait
    umount --lazy "$app" 2>/dev/null || :
    chmod -R u+w "$try" && rm -rf "$try"
}
trap clean EXIT
trap 'exit 1' INT TERM

mkdir -m 0755 "$app"
mkdir -m 0700 "$try/instance" "$try/backup" "$try/tmp"
mkdir -m 0755 "$try/published"
grep '^COPY [^-]' Containerfile | while read -r _copy names; do
    target=$app/${names##* }
    case $names in *" ./" | *" deploy/") mkdir -p "$target" ;; esac
    cp -R ${names% *} "$target"
done
.venv/bin/python -m compileall -q "$app"
chmod -R a+rX,a-w "$app"
chmod 0755 "$try"

as=''
if [ "$(id -u)" = 0 ]; then
    as='setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set -all'
    if ! $as sh -c "exec '$venv/bin/python' -c ''" 2>/dev/null; then # It is in a home; may be read, not written.
        as="${as%-all}-all,+dac_read_search --inh-caps -all,+dac_read_search --ambient-caps +dac_read_search"
    fi
    chown 65534:65534 "$try/instance" "$try/backup" "$try/published" "$try/tmp"
    [ -z "${TRY_IMAGE_INSIDE:-}" ] || { mount --bind "$app" "$app" && mount -o remount,ro,bind "$app"; }
fi
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
start() { # in a subshell: this one is replaced
    cd "$app" && exec env -i PATH="$venv/bin:/usr/local/bin:/usr/bin:/bin" PYTHONDONTWRITEBYTECODE=1 \
        PYTHONUNBUFFERED=1 PORT="$port" WEB_CONCURRENCY=1 TMPDIR="$try/tmp" \
        HELPLINE_INSTANCE_DIR="$try/instance" HELPLINE_PUBLIC_DIR="$try/published" \
        HELPLINE_PUBLIC_URL=https://help.our-organisation.in HELPLINE_HELPLINE_NUMBER=+911123456789 \
        $as "$@"
}
fail() {
    echo "$1" >&2
    cat "$try"/*.log >&2
    exit 1
}

! (start touch "$app/x") 2>/dev/null || fail "The folder of the application can be written."
(start deploy/start.sh secrets) >"$try/helpline.env"
install -m 0600 "$try/helpline.env" "$try/instance/helpline.env"
[ -z "$as" ] || chown 65534 "$try/instance/helpline.env"
(start deploy/start.sh migrate) >"$try/migrate.log" 2>&1 || fail "migrate failed."
start deploy/start.sh web >"$try/web.log" 2>&1 &
web=$!
start deploy/start.sh worker >"$try/worker.log" 2>&1 &
worker=$!
tries=0
until (start deploy/start.sh healthy) 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || fail "web does not answer."
    sleep 0.5
done
tries=0
until (start python -c '
import os, urllib.request
for path in ("crisis", "readyz"):
    address = "http://127.0.0.1:%s/%s" % (os.environ["PORT"], path)
    request = urllib.request.Request(address, headers={"Host": "help.our-organisation.in"})
    urllib.request.urlopen(request, timeout=9)') 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || fail "/crisis or /readyz does not answer."
    sleep 0.5
done
(start deploy/start.sh backup "$try/backup/one") >"$try/backup.log" 2>&1 || fail "backup failed."
[ -s "$try/published/crisis.html" ] || fail "The crisis page was not published."
kill $web $worker
wait $web || fail "web ended with $?."
wait $worker || fail "worker ended with $?."
web='' worker=''
echo "secrets, migrate, web, worker, healthy and backup work from a read-only folder as an unprivileged user."
echo "No image was built."
