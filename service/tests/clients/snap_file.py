"""Owns real snap files, made with mksquashfs. A missing mksquashfs fails loudly."""

import shutil
import subprocess
from pathlib import Path

import pytest

SNAP_YAML = """\
name: {name}
version: '{version}'
summary: A snap of the clients suite
description: It holds nothing but this file.
base: core24
grade: stable
confinement: strict
architectures: [amd64]
"""


def make_snap(directory: Path, name: str, *, version: str = "1.0", compression: str = "xz") -> Path:
    """Makes a snap file as `snapcraft pack` does. Its bytes differ by name, version and compression."""
    mksquashfs = shutil.which("mksquashfs")
    if mksquashfs is None:
        pytest.fail("There is no mksquashfs on the PATH; install Debian's squashfs-tools.", pytrace=False)
    tree = directory / f"{name}_{version}_{compression}"
    (tree / "meta").mkdir(parents=True)
    (tree / "meta" / "snap.yaml").write_text(SNAP_YAML.format(name=name, version=version))
    file = directory / f"{name}_{version}_{compression}_amd64.snap"
    options = ["-noappend", "-comp", compression, "-all-root", "-no-xattrs", "-no-fragments", "-no-progress", "-quiet"]
    subprocess.run([mksquashfs, str(tree), str(file), *options], check=True, capture_output=True)
    return file
