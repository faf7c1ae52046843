#!/bin/sh
# Owns the finding of PostgreSQL's programs for the tests, and prints their directory. Starts none.
#
# Debian keeps them off the path, and makes and starts a server on port 5432 when its package is installed first. Whoever
# runs the tests has not asked for one, so that is turned off meanwhile.
set -eu
cd "$(dirname "$0")/.."

programs() {
  for directory in "${POSTGRES_BIN:-}" "$(dirname "$(command -v postgres || echo /nowhere/postgres)")" \
    $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ] && printf '%s\n' "$directory" && return 0
  done
  return 1
}

programs && exit 0

server='/usr/lib/postgresql/*/bin/postgres=postgresql'
settings=/etc/postgresql-common/createcluster.conf
if command -v apt-get >/dev/null 2>&1; then
  # It holds the setting, and no server.
  scripts/need.sh pg_createcluster=postgresql-common
  as=''
  [ "$(id -u)" = 0 ] || as=sudo
  $as cp -p "$settings" "$settings.before-tests"
  trap '$as mv "$settings.before-tests" "$settings"' EXIT
  printf '%s\n' 'create_main_cluster = false' | $as tee -a "$settings" >/dev/null
fi
scripts/need.sh "$server"
programs
