#!/bin/sh
# Makes Temporal's two databases where there are none, and brings their schemas up to the version of this tool.
# SQL_HOST, SQL_USER and SQL_PASSWORD say where. Harmless when everything is there: run it at each start.
set -eu

export SQL_PLUGIN=postgres12
export SQL_PORT="${SQL_PORT:-5432}"

prepare() {
  export SQL_DATABASE="$1"
  # Each is without effect where it has been done before; 0.0 never lowers a version.
  temporal-sql-tool create-database
  temporal-sql-tool setup-schema -v 0.0
  temporal-sql-tool update-schema --schema-name "$2"
}

prepare temporal postgresql/v12/temporal
prepare temporal_visibility postgresql/v12/visibility
