#!/usr/bin/env bash
# Owns the flags of libFuzzer on a stable compiler, where inputs are kept, and how long each target runs.
#
#   scripts/fuzz.sh SECONDS [TARGET]
#
# Targets are in fuzz/fuzz_targets; each runs for SECONDS, on from what earlier runs found. Needs g++, and no
# nightly compiler: RUSTC_BOOTSTRAP unlocks the same flags. Exit codes: 0 nothing found, 1 an input that breaks a law,
# whose path is printed last, 2 wrong usage.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-}
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]] || [ $# -gt 2 ]; then
  printf '%s\n' "usage: scripts/fuzz.sh SECONDS [TARGET]" >&2
  exit 2
fi
targets=()
for file in fuzz/fuzz_targets/*.rs; do
  name=$(basename "$file" .rs)
  [ "${2:-$name}" = "$name" ] && targets+=("$name")
done
if [ ${#targets[@]} -eq 0 ]; then
  printf '%s\n' "There is no target $2 in fuzz/fuzz_targets." >&2
  exit 2
fi
scripts/need.sh g++=g++

kept=$PWD/target/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
# As cargo-fuzz sets them.
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
sanitizer=none
if compgen -G "$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc-*rt.asan.a" >/dev/null; then
  flags+=" -Zsanitizer=address"
  sanitizer=address
fi
printf '%s\n' "Building ${targets[*]} (sanitizer: $sanitizer)."
# With --target, build scripts and macros are left as they are.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags CARGO_TARGET_DIR=$kept/build cargo build --quiet --locked --release \
  --manifest-path fuzz/Cargo.toml --target "$host"

for target in "${targets[@]}"; do
  corpus=$kept/corpus/$target
  found=$kept/found/$target
  log=$kept/$target.log
  mkdir -p "$corpus" "$found"
  status=0
  "$kept/build/$host/release/$target" -max_total_time="$seconds" -max_len=8192 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$found/" "$corpus" "fuzz/seeds/$target" >"$log" 2>&1 || status=$?
  total=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  printf '%s\n' "$target: ${total:-?} inputs, ${rate:-?} a second, $(find "$corpus" -type f | wc -l) kept"
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    input=$(sed -n 's/^.*Test unit written to //p' "$log" | tail -n 1)
    printf '%s\n' "$target broke. All it said: $log. The input:" "${input:-none was written}" >&2
    exit 1
  fi
done
