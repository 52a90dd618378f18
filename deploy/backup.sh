#!/bin/sh
# Backs the database up into a folder, checks the backup, and then keeps the newest BACKUPS_KEPT (14).
#   deploy/backup.sh /var/lib/helpline-backup
# Nothing is deleted unless the new backup is whole. helpline-backup.service runs it.
set -eu
folder=$(cd "${1:?folder for the backups}" && pwd)
cd "$(dirname "$0")/.."
kept=${BACKUPS_KEPT:-14}
instance=$(cd "${HELPLINE_INSTANCE_DIR:-instance}" && pwd)
tombstones=${HELPLINE_TOMBSTONE_FILE:-$instance/tombstones.jsonl}
if ! [ "$kept" -ge 1 ] || ! [ "$kept" -le 30 ]; then
    echo "BACKUPS_KEPT must be from 1 to 30: what was erased is still in a backup." >&2
    exit 2
fi

name=helpline-$(date -u +%Y-%m-%dT%H-%M-%SZ)
"${FLASK:-.venv/bin/flask}" --app app:create_app helpline backup "$folder/$name"
cd "$folder"
sha256sum --check --quiet "$name.sha256"
# `restore` needs to know who cancelled or was erased since.
if [ -f "$tombstones" ]; then
    cp "$tombstones" .tombstones.jsonl.unfinished
    mv .tombstones.jsonl.unfinished tombstones.jsonl
fi
find . -maxdepth 1 -type f -name 'helpline-????-??-??T??-??-??Z' | sort -r | tail -n "+$((kept + 1))" |
    while read -r old; do rm -f "$old" "$old.sha256"; done
