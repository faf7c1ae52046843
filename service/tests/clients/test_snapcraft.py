"""snapcraft itself, unmodified, as a publisher at a terminal uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from signing import demanding, set_policy
from snap_file import make_snap
from snap_tool import Key
from snapcraft_tool import Snapcraft
from store import Store

NAME = "hello-macaroon"

# It starts slowly, and nothing here depends on where the revocation list is kept.
pytestmark = pytest.mark.parametrize("revocation_list", ["embedded"], indirect=True)


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


def test_snapcraft_registers_a_key_signs_a_build_and_uploads_to_a_package_that_demands_it(
    snapcraft: Snapcraft, store: Store, build_key: Key, tmp_path: Path
) -> None:
    snapcraft.run("register", "--yes", NAME)
    set_policy(store.login(), NAME, "required")
    file = make_snap(tmp_path, NAME)
    assert "is not registered" in snapcraft.fails("sign-build", str(file), "--key-name", build_key.name)
    said = snapcraft.run_with_login("register-key", build_key.name, account=store.accounts["publisher"])
    assert f'The key "{build_key.name}" ({build_key.id}) may be used to sign your assertions' in said
    assert f"*   {build_key.name}   {build_key.id}" in snapcraft.run("keys")
    assert "uploaded to the Store" in snapcraft.run("sign-build", str(file), "--key-name", build_key.name)
    assert file.with_name(file.name + "-build").read_text().startswith("type: snap-build\n")
    assert f"Revision 1 of '{NAME}' created" in snapcraft.run("upload", str(file))


def test_snapcraft_prints_what_to_run_when_an_upload_is_refused_for_its_signature(
    start_store: Callable[..., Store], build_key: Key, tmp_path: Path
) -> None:
    store = start_store("--assertion-wait", "1s")
    package = demanding(store, build_key)
    snapcraft = Snapcraft(store, tmp_path / "home", build_key.tool)
    snapcraft.run_with_login("login", account=store.accounts["publisher"])
    said = snapcraft.fails("upload", str(make_snap(tmp_path, package.name)))
    assert "needs a snap-build assertion for this file by a registered key: run snapcraft sign-build" in said
