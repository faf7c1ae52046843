"""snapcraft itself, unmodified, as a publisher at a terminal uses it."""

from pathlib import Path

import pytest

from snap_file import make_snap
from snap_tool import Key
from snapcraft_tool import Snapcraft
from store import Store

NAME = "hello-macaroon"


@pytest.fixture
def snapcraft(store: Store, tmp_path: Path, build_key: Key) -> Snapcraft:
    """A snapcraft that was logged in with a password and a code, for everything that `snapcraft login` asks for."""
    snapcraft = Snapcraft(store, tmp_path / "home", build_key.tool)
    assert "Login successful" in snapcraft.run_with_login("login", account=store.accounts["publisher"])
    return snapcraft


def test_snapcraft_registers_a_name_and_uploads_and_releases_a_snap(snapcraft: Snapcraft, tmp_path: Path) -> None:
    assert f"You are now the publisher of '{NAME}'" in snapcraft.run("register", "--yes", NAME)
    said = snapcraft.run("upload", "--release", "edge", str(make_snap(tmp_path, NAME)))
    assert "Revision 1 of 'hello-macaroon' created" in said
    assert "edge" in snapcraft.run("status", NAME)
    assert "latest/edge*" in snapcraft.run("list-revisions", NAME)
