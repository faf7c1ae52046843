"""Revoking: whoever may revoke a leaked credential, it is refused on the very next request, and nothing wider dies."""

from collections.abc import Callable
from pathlib import Path

import pytest

import macaroond
from publishing import Published, open_channels, push, release
from refusals import Refusal, refused
from snap_file import make_snap
from store import Holder, Store


def security_engineer(store: Store) -> Holder:
    return store.login("security", permissions=["credential_revoke"])


def revoke(actor: Holder, text: str, **how: str) -> dict:
    """Pastes what leaked. A 200 is the acknowledgement."""
    answer = actor.post("/v1/revocations", {"text": text, **how})
    assert answer.status_code == 200 and answer.json()["acknowledged"] is True, answer.text
    return answer.json()


def is_revoked(holder: Holder) -> Refusal:
    """The next request is refused, and the holder is told why."""
    refusal = refused(holder.client.whoami, status=401, code="macaroon-authorization-required")
    assert "revoked" in refusal.message
    return refusal


def by_the_security_engineer(store: Store, leaked: Holder, _: Path) -> None:
    revoke(security_engineer(store), leaked.stored().export(), reason="seen in a build log")


def by_its_holder(_: Store, leaked: Holder, __: Path) -> None:
    revoke(leaked, leaked.stored().export(), reason="seen in a build log")


def on_the_command_line(store: Store, leaked: Holder, directory: Path) -> None:
    file = directory / "leaked"
    file.write_text(leaked.stored().export())
    done = macaroond.run("revoke", str(file), "--server", store.base_url, "--reason", "seen in a build log")
    assert done.returncode == 0, done.stderr
    assert "Revoked and acknowledged" in done.stdout
    assert not any(secret in done.stdout + done.stderr for secret in store.secrets)


@pytest.mark.parametrize("revoked", [by_the_security_engineer, by_its_holder, on_the_command_line])
def test_a_revoked_credential_is_refused_on_the_next_request(
    store: Store, tmp_path: Path, revoked: Callable[[Store, Holder, Path], None]
) -> None:
    leaked, innocent = store.login(), store.login()
    leaked.client.whoami()
    revoked(store, leaked, tmp_path)
    assert "seen in a build log" in is_revoked(leaked).message
    # Another client with the same text has no better luck; another login of the same person does.
    is_revoked(store.holder(leaked.stored()))
    innocent.client.whoami()


def test_a_revoked_credential_can_neither_push_nor_release_nor_read(
    store: Store, published: Published, tmp_path: Path
) -> None:
    leaked, file = store.login(), make_snap(tmp_path, published.name, version="6.6.6")
    upload_id = leaked.client.upload_file(filepath=file)
    revoke(leaked, leaked.stored().export())
    for attempt in (
        lambda: push(leaked, published.name, upload_id, file.stat().st_size, ["stable"]),
        lambda: release(leaked, published.name, 1, ["stable"]),
        lambda: open_channels(leaked, published.name),
    ):
        refused(attempt, status=401, code="macaroon-authorization-required")
    assert open_channels(published.publisher, published.name) == {}


def test_a_leaked_header_is_enough_to_revoke_by(store: Store) -> None:
    leaked = store.login()
    revoke(security_engineer(store), leaked.stored().header())
    is_revoked(leaked)


def test_revoking_a_child_leaves_its_parent_and_its_sibling_alive(store: Store) -> None:
    parent = store.login()
    child = store.holder(parent.stored().narrowed("channel", ["edge"]))
    grandchild = store.holder(child.stored().narrowed("acl", ["package_push"]))
    sibling = store.holder(parent.stored().narrowed("channel", ["beta"]))
    revoke(security_engineer(store), child.stored().export())
    is_revoked(child)
    is_revoked(grandchild)
    parent.client.whoami()
    sibling.client.whoami()


def test_revoking_a_parent_kills_what_was_attenuated_from_it_before_and_after(store: Store) -> None:
    parent = store.login()
    child = store.holder(parent.stored().narrowed("channel", ["edge"]))
    revoke(security_engineer(store), parent.stored().export())
    is_revoked(parent)
    is_revoked(child)
    is_revoked(store.holder(parent.stored().narrowed("channel", ["beta"])))


def test_a_revoked_session_cannot_be_refreshed(store: Store) -> None:
    leaked = store.login()
    revoke(security_engineer(store), leaked.stored().export(), scope="session")
    is_revoked(leaked)
    refusal = refused(
        lambda: leaked.client.http_client.post(
            store.sso_url + "/api/v2/tokens/refresh", json={"discharge_macaroon": leaked.stored().discharge}
        ),
        status=401,
        code="invalid-credentials",
    )
    assert refusal.body["code"] == "INVALID_CREDENTIALS"


def test_a_person_whose_logins_were_all_revoked_can_log_in_again(store: Store) -> None:
    leaked = store.login()
    revoke(security_engineer(store), leaked.stored().export(), scope="account")
    is_revoked(leaked)
    store.login().client.whoami()


def test_revoking_twice_is_acknowledged_twice(store: Store) -> None:
    leaked, engineer = store.login(), security_engineer(store)
    for _ in range(2):
        revoke(engineer, leaked.stored().export())
    is_revoked(leaked)


def test_a_publisher_cannot_revoke_what_is_somebody_elses(store: Store) -> None:
    engineer, publisher = security_engineer(store), store.login()
    refusal = refused(
        lambda: revoke(publisher, engineer.stored().export()), status=403, code="macaroon-permission-required"
    )
    assert refusal.extra["permission"] == "credential_revoke"
    engineer.client.whoami()
