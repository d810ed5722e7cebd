#!/bin/sh
# Makes the three files that docker-compose.yml needs from the examples beside this script, with secrets made at
# random. A file that exists is left as it is.
set -eu

examples=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$examples/../.."

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# make EXAMPLE FILE MODE: fills in the secrets that are ours to choose.
make() {
  if [ -e "$2" ]; then
    echo "$2 exists: left as it is"
    return
  fi
  (umask 077 && sed -e "s/^POSTGRES_PASSWORD=$/&$(random)/" -e "s/^CONSENT_SYNC_ID_KEY=$/&$(random)/" \
    -e "s/^WEBHOOK_TOKEN=$/&$(random)/" "$examples/$1" >"$2")
  chmod "$3" "$2"
  echo "$2 made"
}

make example.env .env 600
make consent-sync.example.env consent-sync.env 600
# It names secrets but holds none, and the container's user has to read it.
make consent-sync.example.json consent-sync.json 644
echo 'Next: BREVO_API_KEY in consent-sync.env, and your mappings in consent-sync.json'
