#!/usr/bin/env bash
# Owns the order of the test suites and what they find in their environment. None is ever skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh mksquashfs=squashfs-tools curl=curl openssl=openssl gpg=gpg gpg-agent=gpg-agent
REDIS_SERVER=$(scripts/redis_server.sh)
POSTGRES_BIN=$(scripts/postgres_bin.sh)
SNAP_TOOL=$(scripts/snap_tool.sh)
SNAPCRAFT=$(scripts/snapcraft_tool.sh)
export REDIS_SERVER POSTGRES_BIN SNAP_TOOL SNAPCRAFT

if cargo nextest --version >/dev/null 2>&1; then
  runner="cargo nextest"
  cargo nextest run --workspace
  cargo test --workspace --doc
else
  runner="cargo test (cargo-nextest is not installed; it runs the same tests, side by side)"
  cargo test --workspace --no-fail-fast
fi

# The program as `make demo` builds it, driven from outside by other people's clients.
cargo build -p macaroond
MACAROOND=$PWD/target/debug/macaroond PYTHONDONTWRITEBYTECODE=1 \
  target/venv/bin/python -m pytest -p no:cacheprovider service/tests/clients

printf '\n%s\n' "All suites passed: Rust tests and documentation examples by $runner; clients by pytest."
