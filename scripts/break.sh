#!/usr/bin/env bash
# Owns what the breaker needs: builds, servers, the library that steps clocks; and the order in which it runs.
#
#   scripts/break.sh PROFILE broken           a service that is broken on purpose must be caught
#   scripts/break.sh PROFILE MODE MINUTES [SEED]   MODE: standalone, sentinel, or both, half of the time each
#
# PROFILE is `release` or `debug`.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=$1 mode=$2 minutes=${3:-0} seed=${4:-}
case $profile in
  release) flags=(--release) ;;
  debug) flags=() ;;
  *) printf '%s\n' "break.sh: the profile is release or debug, not '$profile'" >&2; exit 2 ;;
esac
case $mode in
  both) modes=(standalone sentinel) ;;
  standalone | sentinel | broken) modes=("$mode") ;;
  *) printf '%s\n' "break.sh: Redis is standalone, sentinel or both, not '$mode'" >&2; exit 2 ;;
esac

if [ "$mode" != broken ] && ! [[ $minutes =~ ^[1-9][0-9]*$ ]]; then
  printf '%s\n' "break.sh: MINUTES is a whole number from 1 on, not '$minutes'" >&2
  exit 2
fi
if [ -n "$seed" ] && ! [[ $seed =~ ^[0-9]+$ ]]; then
  printf '%s\n' "break.sh: SEED is a whole number, not '$seed'" >&2
  exit 2
fi

scripts/need.sh '/usr/lib/*/faketime/libfaketime.so.1=libfaketime'
faketime=$(printf '%s\n' /usr/lib/*/faketime/libfaketime.so.1 | head -1)
REDIS_SERVER=$(scripts/redis_server.sh)
POSTGRES_BIN=$(scripts/postgres_bin.sh)
export REDIS_SERVER POSTGRES_BIN

target=${CARGO_TARGET_DIR:-target}
programs=$target/$profile
if [ "$mode" = broken ]; then
  # Only what is ours is built again. The broken program has a name of its own as soon as it is there.
  RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/rustc_broken_check.sh cargo build "${flags[@]}" -p macaroond
  mv "$programs/macaroond" "$programs/macaroond-broken"
fi
cargo build "${flags[@]}" -p macaroond -p load-tests

run() { "$programs/load-tests" --macaroond "$programs/$1" break --faketime "$faketime" ${seed:+--seed "$seed"} "${@:2}"; }

if [ "$mode" = broken ]; then
  run macaroond-broken --expect-violation
  # Each race has a chance of its own to be lost; most runs need a few.
  "$programs/load-tests" --macaroond "$programs/macaroond-broken" uploads --kills 0 --races 300 --expect-violation \
    ${seed:+--seed "$seed"}
  exit
fi
for redis in "${modes[@]}"; do
  run macaroond --redis "$redis" --seconds $((minutes * 60 / ${#modes[@]}))
done
