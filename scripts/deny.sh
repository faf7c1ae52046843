#!/usr/bin/env bash
# Owns the version of cargo-deny, where it is found, and what happens where the advisory database can't be had.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
deny=target/tools/bin/cargo-deny
for found in "$deny" "$(command -v cargo-deny || true)"; do
  if [ -x "$found" ] && [ "$("$found" --version)" = "cargo-deny $version" ]; then
    deny=$found
    break
  fi
done
if [ "$("$deny" --version 2>/dev/null || true)" != "cargo-deny $version" ]; then
  printf '%s\n' "Building cargo-deny $version into target/tools; this takes some minutes, once."
  env -u CARGO_TARGET_DIR cargo install cargo-deny --locked --version "$version" --root target/tools
fi

"$deny" --locked check licenses bans sources

if timeout 120 "$deny" fetch db >/dev/null 2>&1; then
  "$deny" --locked check --disable-fetch advisories
else
  printf '%s\n' "advisories NOT CHECKED: the RustSec database on github.com cannot be fetched from here."
fi
