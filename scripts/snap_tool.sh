#!/bin/sh
# Owns the finding of snapd's `snap` for the tests, and prints its absolute path. Starts nothing and needs no root.
#
# Debian's snapd would install a daemon for whoever runs the tests. So its package is fetched, and only the program is
# taken out of it.
set -eu
cd "$(dirname "$0")/.."

fail() { printf '%s\n' "snap_tool.sh: $*" >&2; exit 1; }

# Debian has another program of this name, which signs nothing.
signs() { "$1" sign-build --help >/dev/null 2>&1; }

tool=$PWD/target/tools/snap
for found in "$(command -v snap || :)" "$tool"; do
  [ -x "$found" ] && signs "$found" && printf '%s\n' "$found" && exit 0
done

# Without apt there is nothing to fetch it with; this says what to install.
command -v apt-get >/dev/null 2>&1 || exec scripts/need.sh /no/snap=snapd

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" target/tools

# apt's own user can't write into that folder.
apt() { (cd "$work" && apt-get -qq -o APT::Sandbox::User=root "$@" >&2); }

# The machine's package lists may be absent or older than the mirror; then they are fetched for this alone.
if ! apt download snapd 2>/dev/null; then
  own="-o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache"
  # shellcheck disable=SC2086 # options are words
  { apt $own update && apt $own download snapd; } || fail "apt-get could not fetch snapd"
fi
dpkg-deb --fsys-tarfile "$work"/snapd_*.deb | tar -x -C "$work" ./usr/bin/snap
signs "$work/usr/bin/snap" || fail "the snap of Debian's snapd does not run here"
mv "$work/usr/bin/snap" "$tool"
printf '%s\n' "$tool"
