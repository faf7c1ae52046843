"""A signing key that was revoked: whoever revoked it, what it has signed admits nothing, and snapcraft says why."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from publishing import processed, push, revisions, upload
from refusals import refused
from signing import demanding, hand_in, registered_keys, revoke_key, set_policy, upload_along_with, why_refused
from snap_file import make_snap
from snap_tool import Key, SnapTool
from snapcraft_tool import Snapcraft
from store import Holder, Store

NAME = "hello-macaroon"


def its_owner(store: Store) -> Holder:
    return store.login()


def a_security_engineer(store: Store) -> Holder:
    return store.login("security", permissions=["credential_revoke"])


@pytest.mark.parametrize("revoker", [its_owner, a_security_engineer])
def test_a_key_that_is_revoked_admits_nothing_from_then_on(
    store: Store, build_key: Key, tmp_path: Path, revoker: Callable[[Store], Holder]
) -> None:
    package = demanding(store, build_key)
    says = f"its key {build_key.id} was revoked at "
    before, after, new = (make_snap(tmp_path, package.name, version=version) for version in ("1.0", "2.0", "3.0"))
    for file in (before, after):
        hand_in(package.publisher, package.snap_id, package.signed(file))
    since = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert upload(package.publisher, package.name, before)["code"] == "ready_to_release"
    revoked = revoke_key(revoker(store), build_key, reason="the laptop was stolen", compromised_since=since)
    (suspect,) = revoked["suspect_revisions"]
    assert (suspect["snap_id"], suspect["revision"]) == (package.snap_id, 1)
    assert registered_keys(package.publisher) == {}
    # Its signature was handed in while the key was good.
    assert says in why_refused(upload(package.publisher, package.name, after))
    assert says in why_refused(upload_along_with(package.publisher, package.name, new, package.signed(new)))
    refusal = refused(
        lambda: hand_in(package.publisher, package.snap_id, package.signed(new)), status=400, code="invalid-field"
    )
    assert says in refusal.message
    assert [revision["revision"] for revision in revisions(package.publisher, package.name)] == [1]


def test_an_upload_that_waits_is_not_admitted_by_a_key_that_is_revoked_meanwhile(
    start_store: Callable[..., Store], build_key: Key, tmp_path: Path
) -> None:
    store = start_store("--assertion-wait", "3s")
    package = demanding(store, build_key)
    file = make_snap(tmp_path, package.name)
    upload_id = package.publisher.client.upload_file(filepath=file)
    url = push(package.publisher, package.name, upload_id, file.stat().st_size).json()["status_details_url"]
    revoke_key(package.publisher, build_key)
    refused(
        lambda: hand_in(package.publisher, package.snap_id, package.signed(file)), status=400, code="invalid-field"
    )
    assert "needs a snap-build assertion" in why_refused(processed(package.publisher, url))
    assert revisions(package.publisher, package.name) == []


@pytest.fixture
def own_keys() -> Iterator[SnapTool]:
    """`snap` without keys."""
    with contextlib.closing(SnapTool()) as tool:
        yield tool


@pytest.mark.parametrize("revocation_list", ["embedded"], indirect=True)
def test_snapcraft_goes_from_a_new_key_to_its_revocation_and_says_each_time_what_is_wrong(
    start_store: Callable[..., Store], own_keys: SnapTool, tmp_path: Path
) -> None:
    store = start_store("--assertion-wait", "1s")
    account, snapcraft = store.accounts["publisher"], Snapcraft(store, tmp_path / "home", own_keys)
    snapcraft.run_with_login("login", account=account)
    # This snapcraft makes no key without a login: it asks the store for the names that are taken.
    snapcraft.create_key("ci")
    snapcraft.run("register", "--yes", NAME)
    publisher = store.login()
    set_policy(publisher, NAME, "required")
    snapcraft.run_with_login("register-key", "ci", account=account)
    key = own_keys.key("ci")
    assert registered_keys(publisher).keys() == {key.id}

    first, second, third = (make_snap(tmp_path, NAME, version=version) for version in ("1.0", "2.0", "3.0"))
    needs = "needs a snap-build assertion for this file by a registered key: run snapcraft sign-build"
    assert needs in one_line(snapcraft.fails("upload", str(first)))
    for file in (first, second):
        snapcraft.run("sign-build", str(file), "--key-name", "ci")
    assert f"Revision 1 of '{NAME}' created" in snapcraft.run("upload", str(first))

    revoke_key(a_security_engineer(store), key, reason="the laptop was stolen")
    says = f"its key {key.id} was revoked at "
    said = one_line(snapcraft.fails("upload", str(second)))
    assert needs in said and says in said
    # It has signed the second already, and sends that again. For the third it finds its key no longer registered.
    said = one_line(snapcraft.fails("sign-build", str(second), "--key-name", "ci"))
    assert "Could not assert build: The snap-build assertion is not valid." in said and says in said
    assert "The key 'ci' is not registered" in one_line(snapcraft.fails("sign-build", str(third), "--key-name", "ci"))
    assert [revision["revision"] for revision in revisions(publisher, NAME)] == [1]


def one_line(said: str) -> str:
    """What snapcraft said, as a person reads it who does not mind where lines end."""
    return " ".join(said.split())
