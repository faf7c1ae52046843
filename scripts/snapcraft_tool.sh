#!/bin/sh
# Owns the installing of a real snapcraft for the tests, and prints its absolute path.
#
# 4.8.1 is the newest on PyPI; later ones are only to be had as snaps. Its code stays as it came. What stands around it
# is from 2021 and does not build any more, so other versions of it do, by the list beside this script.
set -eu
cd "$(dirname "$0")/.."

version=4.8.1
list=scripts/snapcraft-requirements.txt
tool=$PWD/target/venv-snapcraft

if ! cmp -s "$list" "$tool/.installed"; then
  # apt's Python module is compiled for Debian's own Python, and on no other index.
  packages='/usr/lib/python3/dist-packages'
  scripts/need.sh /usr/bin/python3=python3 '/usr/lib/python3*/ensurepip=python3-venv' "$packages/apt_pkg*.so=python3-apt" >&2
  /usr/bin/python3 -m venv --clear "$tool"
  pip() { "$tool/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation "$@" >&2; }
  pip setuptools==66.1.1 wheel==0.45.1
  pip -r "$list"
  # Its setup.py asks git for the version, and an archive has no history.
  git=$(mktemp -d)
  trap 'rm -rf "$git"' EXIT
  printf '%s\n' '#!/bin/sh' "echo $version-0-g0" >"$git/git"
  chmod +x "$git/git"
  PATH=$git:$PATH pip --no-deps "snapcraft==$version"
  for site in "$tool"/lib/python3*/site-packages; do
    sed -i '/^Requires-Dist:/d' "$site/snapcraft-$version.dist-info/METADATA"
    ln -s "$packages/apt" "$packages"/apt_pkg*.so "$site"
  done
  "$tool/bin/snapcraft" --version >/dev/null
  cp "$list" "$tool/.installed"
fi
printf '%s\n' "$tool/bin/snapcraft"
