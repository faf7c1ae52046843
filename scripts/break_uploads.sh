#!/usr/bin/env bash
# Owns what kills and races need: builds, servers, and in which shapes the service runs.
#
#   scripts/break_uploads.sh PROFILE SHAPE KILLS RACES [SEED]
#
# PROFILE is `release` or `debug`. SHAPE is embedded, replicated, or both, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=$1 shape=$2 kills=$3 races=$4 seed=${5:-}
case $profile in
  release) flags=(--release) ;;
  debug) flags=() ;;
  *) printf '%s\n' "break_uploads.sh: the profile is release or debug, not '$profile'" >&2; exit 2 ;;
esac
case $shape in
  both) shapes=(embedded replicated) ;;
  embedded | replicated) shapes=("$shape") ;;
  *) printf '%s\n' "break_uploads.sh: SHAPE is embedded, replicated or both, not '$shape'" >&2; exit 2 ;;
esac
for number in "$kills" "$races" "${seed:-0}"; do
  if ! [[ $number =~ ^[0-9]+$ ]]; then
    printf '%s\n' "break_uploads.sh: KILLS, RACES and SEED are whole numbers, not '$number'" >&2
    exit 2
  fi
done

if [ "$shape" != embedded ]; then
  REDIS_SERVER=$(scripts/redis_server.sh)
  POSTGRES_BIN=$(scripts/postgres_bin.sh)
  export REDIS_SERVER POSTGRES_BIN
fi

programs=${CARGO_TARGET_DIR:-target}/$profile
cargo build "${flags[@]}" -p macaroond -p load-tests
for shape in "${shapes[@]}"; do
  "$programs/load-tests" --macaroond "$programs/macaroond" uploads --shape "$shape" --kills "$kills" --races "$races" \
    ${seed:+--seed "$seed"}
done
