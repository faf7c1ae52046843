#!/bin/sh
# Owns the installing of system commands: missing ones come from apt, and nothing happens when none is missing.
#
#   scripts/need.sh WHAT=PACKAGE[,PACKAGE]...
#
# WHAT is a command, several that do equally well (`redis-server|redis-check-rdb`), a module of Python 3
# (`python3:ensurepip`), or a path, perhaps with stars (`/usr/lib/postgresql/*/bin/postgres`).
# Exit codes: 0 all there, 1 apt failed, 2 wrong usage, 3 a person must install something.
set -eu

say() { printf '%s\n' "need.sh: $*" >&2; }

there() {
  case $1 in
    python3:*)
      command -v python3 >/dev/null 2>&1 && python3 -c "import ${1#python3:}" >/dev/null 2>&1
      return
      ;;
    /*)
      for path in $1; do
        [ -e "$path" ] && return 0
      done
      return 1
      ;;
  esac
  names=$1
  while :; do
    command -v "${names%%|*}" >/dev/null 2>&1 && return 0
    case $names in *"|"*) names=${names#*|} ;; *) return 1 ;; esac
  done
}

# Sets `missing` (for people) and `packages` (for apt).
look() {
  missing='' packages=''
  for pair in "$@"; do
    there "${pair%%=*}" && continue
    missing="$missing ${pair%%=*}"
    packages="$packages $(printf '%s' "${pair#*=}" | tr ',' ' ')"
  done
}

apt() {
  # shellcheck disable=SC2086 # $as is nothing or a command with its arguments
  $as env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >&2
}

for pair in "$@"; do
  case $pair in
    ?*=?*) ;;
    *) say "usage: need.sh COMMAND=PACKAGE... (not '$pair')"; exit 2 ;;
  esac
done

look "$@"
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$packages"
if ! command -v apt-get >/dev/null 2>&1; then
  say "missing:$missing. Install them; on Debian they are in:$packages"
  exit 3
elif [ "$(id -u)" = 0 ]; then
  as=''
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as=sudo
else
  say "missing:$missing. Install them, then run this again:"
  printf '%s\n' "  sudo apt-get update && sudo $line" >&2
  exit 3
fi

say "missing:$missing. Running: ${as:+$as }$line"
# Package lists may be absent (a fresh container) or older than the mirror; then they are fetched, once.
# shellcheck disable=SC2086 # packages are words
if ! find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | grep -q . ||
  ! apt install --no-install-recommends $packages; then
  apt update || { say "apt-get update failed"; exit 1; }
  apt install --no-install-recommends $packages || { say "apt-get could not install:$packages"; exit 1; }
fi

look "$@"
[ -z "$missing" ] || { say "still missing after the install:$missing"; exit 1; }
