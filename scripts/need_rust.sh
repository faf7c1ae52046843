#!/bin/sh
# Owns the check that a Rust compiler is there, new enough, and has a C compiler to link with.
set -eu
cd "$(dirname "$0")/.."

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
how="Install the stable toolchain from https://rustup.rs (Debian's own is too old), or run: rustup update stable"

fail() { printf '%s\n' "macaroond needs Rust $wanted or newer: $*" "$how" >&2; exit 3; }

command -v cargo >/dev/null 2>&1 || fail "there is no cargo here."
command -v rustc >/dev/null 2>&1 || fail "there is no rustc here."
found=$(rustc --version | cut -d ' ' -f 2)
oldest=$(printf '%s\n' "$wanted" "${found%%-*}" | sort -V | head -n 1)
[ "$oldest" = "$wanted" ] || fail "this one is $found."

exec scripts/need.sh cc=gcc,libc6-dev
