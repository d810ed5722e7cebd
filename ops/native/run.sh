#!/bin/sh
# Runs the parts of a production Temporal without containers: PostgreSQL from the distribution's packages, and
# Temporal's server, schema tool and UI built from source with Go. See docs/native-engine.md.
set -eu

SERVER_VERSION=1.32.1
UI_VERSION=2.42.1

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
data=${CONSENT_SYNC_OPS_DATA:-$PWD/.consent-sync/native}
case $data in /*) ;; *) data=$PWD/$data ;; esac
cache=${XDG_CACHE_HOME:-$HOME/.cache}/consent-sync
programs=$cache/temporal-server-$SERVER_VERSION

port=${CONSENT_SYNC_OPS_PORT:-7233}
ui_port=${CONSENT_SYNC_OPS_UI_PORT:-8233}
pg_port=${CONSENT_SYNC_OPS_PG_PORT:-15432}
# PostgreSQL refuses to run as root: root lends it this user.
pg_user=${CONSENT_SYNC_OPS_PG_USER:-postgres}

usage() {
  cat <<EOF
Usage: $0 up | down | status | build | run PART

  up        builds what is missing (some 10 minutes, once), starts PostgreSQL and Temporal, prepares the namespace
  down      stops them; the data stays
  status    says what runs; exit code 1 when something does not
  build     builds what is missing, and starts nothing
  run PART  runs postgres or temporal-server in the foreground, for a supervisor such as systemd; \`up\` and \`down\`
            have prepared the data folder before

Environment: CONSENT_SYNC_OPS_DATA (data folder, now $data),
CONSENT_SYNC_OPS_PORT ($port), CONSENT_SYNC_OPS_UI_PORT ($ui_port; none: no UI), CONSENT_SYNC_OPS_PG_PORT ($pg_port),
CONSENT_SYNC_OPS_PG_USER ($pg_user, used only when root runs this).
EOF
}

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$0: $*"
  exit 1
}

# --- programs -------------------------------------------------------------------------------------------------------

find_postgres() {
  # Debian's packages keep them off PATH, a folder for each version.
  pg_bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$pg_bin" ] || pg_bin=$(command -v initdb || true)
  pg_bin=${pg_bin%/initdb}
  [ -z "$pg_bin" ] || return 0
  fail 'PostgreSQL is not installed. On Debian and Ubuntu: apt-get install postgresql'
}

# build NAME PACKAGE: leaves $programs/NAME; a build that is broken off leaves nothing.
build() {
  [ ! -x "$programs/$1" ] || return 0
  command -v go >/dev/null || fail "Go is needed to build $2, and is not on PATH"
  say "Building $1 from $2 (minutes; once)"
  mkdir -p "$programs"
  into=$(mktemp -d "$programs/building-XXXXXX")
  if ! GOBIN=$into CGO_ENABLED=0 nice -n 10 go install -ldflags '-s -w' "$2"; then
    rm -rf "$into"
    fail "building $2 failed"
  fi
  mv "$into"/* "$programs/$1"
  rmdir "$into"
}

build_all() {
  build temporal-sql-tool "go.temporal.io/server/cmd/tools/sql@v$SERVER_VERSION"
  build temporal-server "go.temporal.io/server/cmd/server@v$SERVER_VERSION"
  [ "$ui_port" = none ] || build temporal-ui-server "github.com/temporalio/ui-server/v2/cmd/server@v$UI_VERSION"
}

schema_folder() {
  go mod download -json "go.temporal.io/server@v$SERVER_VERSION" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p'
}

# --- processes ------------------------------------------------------------------------------------------------------

# is_running NAME: whether the process that `launch` started as NAME is alive.
is_running() {
  [ -f "$data/$1.pid" ] || return 1
  case $(ps -o stat= -p "$(cat "$data/$1.pid")") in
    # Ended, and not yet collected by its parent.
    '' | Z*) return 1 ;;
  esac
}

# launch NAME COMMAND…: in the background, free of this terminal, its output in a log file.
launch() {
  name=$1
  shift
  setsid "$@" >>"$data/$name.log" 2>&1 </dev/null &
  echo $! >"$data/$name.pid"
}

# halt NAME SIGNAL
halt() {
  if is_running "$1"; then
    say "Stopping $1"
    kill -s "$2" "$(cat "$data/$1.pid")"
    wait_until 60 "$1 has not stopped" not is_running "$1"
  fi
  rm -f "$data/$1.pid"
}

not() { ! "$@"; }

# wait_until SECONDS COMPLAINT COMMAND…
wait_until() {
  seconds=$1
  complaint=$2
  shift 2
  while ! "$@"; do
    [ "$seconds" -gt 0 ] || fail "$complaint"
    seconds=$((seconds - 1))
    sleep 1
  done
}

answers() {
  node -e 'require("node:net").connect({ host: "127.0.0.1", port: process.argv[1] }).on("connect", () => process.exit(0)).on("error", () => process.exit(1))' "$1"
}

require_free() {
  ! answers "$1" || fail "port $1 is taken by another program; choose another one with $2"
}

# --- PostgreSQL -----------------------------------------------------------------------------------------------------

as_pg() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u "$pg_user" -- "$@"
  else
    "$@"
  fi
}

pg_password() { cat "$data/pg-password"; }

psql_admin() {
  PGPASSWORD=$(pg_password) "$pg_bin/psql" -X -q -t -A -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$pg_port" -U temporal "$@"
}

make_cluster() {
  [ ! -d "$data/postgres/cluster" ] || return 0
  say 'Making the PostgreSQL data folder'
  (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$data/pg-password")
  rm -rf "$data/postgres"
  mkdir -m 700 "$data/postgres"
  if [ "$(id -u)" -eq 0 ]; then
    chown "$pg_user" "$data/postgres"
    as_pg test -x "$data/postgres" ||
      fail "the user $pg_user cannot reach $data/postgres: set CONSENT_SYNC_OPS_DATA to a folder that it can reach"
  fi
  # shellcheck disable=SC2016
  pg_password | as_pg sh -c 'umask 077 && cat >"$1"' sh "$data/postgres/password"
  (cd "$data/postgres" && as_pg "$pg_bin/initdb" -D "$data/postgres/unfinished" -U temporal --auth=scram-sha-256 \
    --pwfile="$data/postgres/password" --encoding=UTF8 --locale=C.UTF-8) >"$data/initdb.log" 2>&1 ||
    fail "initdb failed: see $data/initdb.log"
  rm -f "$data/postgres/password"
  mv "$data/postgres/unfinished" "$data/postgres/cluster"
}

pg_options() { echo "-h 127.0.0.1 -p $pg_port -c unix_socket_directories= -c max_connections=200"; }

run_postgres() {
  cd "$data/postgres"
  # shellcheck disable=SC2046
  set -- "$pg_bin/postgres" -D "$data/postgres/cluster" $(pg_options)
  [ "$(id -u)" -ne 0 ] || set -- runuser -u "$pg_user" -- "$@"
  exec "$@"
}

start_postgres() {
  if is_running postgres; then return; fi
  require_free "$pg_port" CONSENT_SYNC_OPS_PG_PORT
  say "Starting PostgreSQL on 127.0.0.1:$pg_port"
  (cd "$data/postgres" && as_pg "$pg_bin/pg_ctl" -D "$data/postgres/cluster" -l "$data/postgres/log" -w -s start \
    -o "$(pg_options)") >/dev/null ||
    fail "PostgreSQL did not start: see $data/postgres/log"
  head -n 1 "$data/postgres/cluster/postmaster.pid" >"$data/postgres.pid"
}

# --- Temporal -------------------------------------------------------------------------------------------------------

sql_tool() {
  SQL_PLUGIN=postgres12 SQL_HOST=127.0.0.1 SQL_PORT=$pg_port SQL_USER=temporal SQL_PASSWORD=$(pg_password) \
    SQL_DATABASE=$database "$programs/temporal-sql-tool" "$@" >>"$data/schema.log" 2>&1 ||
    fail "the schema of $database could not be set up: see $data/schema.log"
}

# prepare_database NAME SCHEMA: makes it, and brings its schema up to this server's version.
prepare_database() {
  database=$1
  [ "$(psql_admin -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$database'")" = 1 ] || sql_tool create-database
  [ -n "$(psql_admin -d "$database" -c "SELECT to_regclass('schema_version')")" ] || sql_tool setup-schema -v 0.0
  sql_tool update-schema -d "$schemas/$2/versioned"
}

# The server reads its configuration from the same variables as in the container image.
temporal_environment() {
  export DB=postgres12 DB_PORT="$pg_port" POSTGRES_SEEDS=127.0.0.1 POSTGRES_USER=temporal
  export POSTGRES_PWD="$(pg_password)"
  export NUM_HISTORY_SHARDS=4 LOG_LEVEL=warn DYNAMIC_CONFIG_FILE_PATH="$here/dynamic-config.yaml"
  export BIND_ON_IP=127.0.0.1 TEMPORAL_BROADCAST_ADDRESS=127.0.0.1
  export FRONTEND_GRPC_PORT="$port" FRONTEND_HTTP_PORT=$((port + 10)) FRONTEND_MEMBERSHIP_PORT=$((port - 300))
  export HISTORY_GRPC_PORT=$((port + 1)) HISTORY_MEMBERSHIP_PORT=$((port - 299))
  export MATCHING_GRPC_PORT=$((port + 2)) MATCHING_MEMBERSHIP_PORT=$((port - 298))
  export WORKER_GRPC_PORT=$((port + 6)) WORKER_MEMBERSHIP_PORT=$((port - 294))
}

run_temporal() {
  temporal_environment
  exec "$programs/temporal-server" --allow-no-auth start
}

start_temporal() {
  if is_running temporal-server; then return; fi
  require_free "$port" CONSENT_SYNC_OPS_PORT
  say "Starting the Temporal server $SERVER_VERSION on 127.0.0.1:$port"
  (
    temporal_environment
    launch temporal-server "$programs/temporal-server" --allow-no-auth start
  )
  wait_until 60 "the Temporal server did not start: see $data/temporal-server.log" temporal_is_up
}

temporal_is_up() {
  is_running temporal-server || fail "the Temporal server ended: see $data/temporal-server.log"
  answers "$port"
}

start_ui() {
  if [ "$ui_port" = none ] || is_running temporal-ui; then return; fi
  require_free "$ui_port" CONSENT_SYNC_OPS_UI_PORT
  mkdir -p "$data/ui"
  cat >"$data/ui/native.yaml" <<EOF
temporalGrpcAddress: 127.0.0.1:$port
host: 127.0.0.1
port: $ui_port
enableUi: true
defaultNamespace: default
notifyOnNewVersion: false
cors:
  cookieInsecure: true
EOF
  launch temporal-ui "$programs/temporal-ui-server" --root "$data" --config ui --env native start
  wait_until 30 "the UI did not start: see $data/temporal-ui.log" answers "$ui_port"
}

# --- commands -------------------------------------------------------------------------------------------------------

up() {
  command -v node >/dev/null || fail 'Node.js is not on PATH'
  find_postgres
  build_all
  schemas=$(schema_folder)/schema/postgresql/v12
  [ -d "$schemas" ] || fail "no schemas in $schemas"
  mkdir -p "$data"
  make_cluster
  start_postgres
  prepare_database temporal temporal
  prepare_database temporal_visibility visibility
  start_temporal
  start_ui
  say 'Preparing the namespace and its search attributes'
  TEMPORAL_ADDRESS=127.0.0.1:$port TEMPORAL_NAMESPACE=default node "$root/bin/consent-sync.js" setup >&2 ||
    fail 'Temporal runs, but its namespace could not be prepared'
  ui=
  [ "$ui_port" = none ] || ui="   UI: http://127.0.0.1:$ui_port"
  say "Ready. Temporal: TEMPORAL_ADDRESS=127.0.0.1:$port$ui   stop with: $0 down"
}

down() {
  halt temporal-ui TERM
  halt temporal-server TERM
  # PostgreSQL's fast shutdown: TERM would wait for its clients to leave.
  halt postgres INT
}

status() {
  all=0
  for name in postgres temporal-server temporal-ui; do
    if [ "$name $ui_port" = 'temporal-ui none' ]; then continue; fi
    if is_running "$name"; then
      echo "$name: running (process $(cat "$data/$name.pid"))"
    else
      echo "$name: not running"
      all=1
    fi
  done
  return $all
}

# run_part NAME: becomes it.
run_part() {
  [ -d "$data/postgres/cluster" ] || fail "$data is not prepared: run '$0 up' and '$0 down' before"
  case $1 in
    postgres)
      find_postgres
      run_postgres
      ;;
    temporal-server) run_temporal ;;
    *) fail "there is no part '$1'; parts are postgres and temporal-server" ;;
  esac
}

case ${1:-} in
  up) up ;;
  down) down ;;
  status) status ;;
  build) build_all ;;
  run) run_part "${2:-}" ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
