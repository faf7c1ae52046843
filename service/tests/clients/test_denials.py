"""A valid credential used for what it does not allow: the code and the words that a person sees."""

from pathlib import Path

from publishing import Published, open_channels, push, register, release
from refusals import Refusal, refused
from snap_file import make_snap
from store import Holder, Store
from waiting import wait_until


def refused_release(holder: Holder, name: str, channel: str) -> Refusal:
    return refused(
        lambda: release(holder, name, 1, [channel]), status=403, code="macaroon-permission-required"
    )


def test_a_credential_for_edge_cannot_release_to_stable(store: Store, published: Published) -> None:
    narrow = store.login(channels=["edge"])
    refusal = refused_release(narrow, published.name, "stable")
    # snapcraft 2 to 6 tells which channels by these.
    assert refusal.body["permission"] == "channel"
    assert [channel.removeprefix("latest/") for channel in refusal.body["channels"]] == ["stable"]
    assert "stable" in refusal.message and "edge" in refusal.message
    release(narrow, published.name, 1, ["edge"])
    assert open_channels(published.publisher, published.name) == {"latest/edge": 1}


def test_one_forbidden_channel_of_several_refuses_the_whole_release(store: Store, published: Published) -> None:
    narrow = store.login(channels=["edge"])
    refused(
        lambda: release(narrow, published.name, 1, ["edge", "stable"]), status=403, code="macaroon-permission-required"
    )
    assert open_channels(published.publisher, published.name) == {}


def test_a_credential_for_edge_cannot_push_to_stable(store: Store, published: Published, tmp_path: Path) -> None:
    narrow, file = store.login(channels=["edge"]), make_snap(tmp_path, published.name, version="2.0")
    upload_id = narrow.client.upload_file(filepath=file)
    refused(
        lambda: push(narrow, published.name, upload_id, file.stat().st_size, ["stable"]),
        status=403,
        code="macaroon-permission-required",
    )
    # The refusal did not use the file up.
    assert push(narrow, published.name, upload_id, file.stat().st_size, ["edge"]).status_code == 202


def test_a_credential_for_one_snap_cannot_touch_another_of_the_same_publisher(
    store: Store, published: Published, tmp_path: Path
) -> None:
    other = register(published.publisher, "other-macaroon")
    narrow = store.login(packages=[published.name])
    file = make_snap(tmp_path, "other-macaroon")
    upload_id = narrow.client.upload_file(filepath=file)
    refusal = refused(
        lambda: push(narrow, "other-macaroon", upload_id, file.stat().st_size),
        status=403,
        code="macaroon-permission-required",
    )
    assert other in refusal.message and published.snap_id in refusal.message
    refused_release(narrow, "other-macaroon", "edge")
    release(narrow, published.name, 1, ["edge"])


def test_a_credential_for_one_snap_cannot_register_another(store: Store, published: Published) -> None:
    narrow = store.login(packages=[published.name])
    refused(lambda: register(narrow, "other-macaroon"), status=403, code="macaroon-permission-required")


def test_a_credential_to_push_cannot_release_or_read(store: Store, published: Published) -> None:
    narrow = store.login(permissions=["package_push"])
    refusal = refused_release(narrow, published.name, "edge")
    assert 'Permission "package_release" is required as a macaroon caveat.' in refusal.message
    assert refusal.extra["permission"] == "package_release"
    refusal = refused(
        lambda: open_channels(narrow, published.name), status=403, code="macaroon-permission-required"
    )
    assert refusal.extra["permission"] == "package_access"


def test_a_credential_ends_with_the_ttl_that_was_asked_for(store: Store) -> None:
    holder = store.login(ttl=3)
    wait_until(lambda: store.knock(holder.stored()).status_code == 401, "the end of a credential of three seconds")
    refusal = refused(holder.client.whoami, status=401, code="macaroon-authorization-required")
    assert "expired" in refusal.message and refusal.extra["realm"] == "Devportal"
