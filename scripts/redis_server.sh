#!/bin/sh
# Owns the finding of a redis-server for the tests, and prints its absolute path. Starts none.
#
# Debian's redis-tools holds the whole server: redis-check-rdb is the same program and asks for its own name. It is
# preferred to the package redis-server, which would start a daemon on the port of whoever runs the tests.
set -eu
cd "$(dirname "$0")/.."

scripts/need.sh 'redis-server|redis-check-rdb=redis-tools'
if ! command -v redis-server; then
  mkdir -p target/tools
  ln -sf "$(command -v redis-check-rdb)" target/tools/redis-server
  printf '%s\n' "$PWD/target/tools/redis-server"
fi
