#!/bin/sh
# Owns the check that the working tree is as committed: no file changed and none left behind.
set -eu
cd "$(dirname "$0")/.."

# Continuous integration may run as another user than the one who owns the checkout.
here() { git -c safe.directory="$PWD" --no-pager "$@"; }

here diff --exit-code HEAD --
left=$(here ls-files --others --exclude-standard)
[ -z "$left" ] || { printf '%s\n' "Files that are neither committed nor ignored:" "$left" >&2; exit 1; }
