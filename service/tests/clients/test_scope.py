"""What login() exports: both macaroons as the real store makes them, with the caveats that were asked for."""

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import urlparse

from pymacaroons import Macaroon

from credential import STORE_LOCATION, Credential, first_party
from publishing import register
from store import PUBLISHING, Store

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


def moment(text: str) -> datetime:
    """Reads a caveat's time: naive UTC with microseconds."""
    assert MOMENT.fullmatch(text), text
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def is_near(text: str, expected: datetime) -> bool:
    return abs(moment(text) - expected) < timedelta(minutes=1)


def is_v1_without_padding(text: str) -> bool:
    """URL-safe base64 without padding, of the first packet of a V1 macaroon."""
    return re.fullmatch(r"MDA[0-9A-Za-z_-]+", text) is not None and Macaroon.deserialize(text).version == 1


def test_login_exports_the_u1_form_that_another_client_can_use(store: Store) -> None:
    holder = store.login()
    credential = holder.stored()
    assert is_v1_without_padding(credential.root) and is_v1_without_padding(credential.discharge)
    assert Credential.read(credential.export()) == credential
    assert store.holder(credential).client.whoami() == holder.client.whoami()


def test_pymacaroons_writes_both_macaroons_back_to_the_same_bytes(store: Store) -> None:
    credential = store.login().stored()
    assert credential.root_macaroon().serialize() == credential.root
    assert credential.discharge_macaroon().serialize() == credential.discharge


def test_the_root_has_the_caveats_that_were_asked_for_and_no_others(store: Store) -> None:
    snap_id = register(store.login(), "hello-macaroon")
    asked = {"permissions": ["package_push", "package_release"], "channels": ["edge", "beta"]}
    now = datetime.now(timezone.utc)
    root = store.login(**asked, packages=["hello-macaroon"], ttl=7200).stored().root_macaroon()
    caveats = first_party(root)
    assert root.location == STORE_LOCATION
    assert caveats.keys() == {"valid_since", "acl", "channel", "package_id", "expires"}
    assert sorted(json.loads(caveats["acl"])) == asked["permissions"]
    assert json.loads(caveats["channel"]) == asked["channels"]
    assert json.loads(caveats["package_id"]) == [snap_id]
    assert is_near(caveats["valid_since"], now)
    assert is_near(caveats["expires"], now + timedelta(hours=2))


def test_a_root_that_was_asked_for_without_limits_names_none(store: Store) -> None:
    caveats = first_party(store.login().stored().root_macaroon())
    assert caveats.keys() == {"valid_since", "acl", "expires"}
    assert sorted(json.loads(caveats["acl"])) == sorted(PUBLISHING)


def test_the_discharge_says_who_logged_in_and_answers_the_roots_one_third_party_caveat(store: Store) -> None:
    now = datetime.now(timezone.utc)
    credential = store.login(ttl=7200).stored()
    discharge = credential.discharge_macaroon()
    [third_party] = credential.root_macaroon().third_party_caveats()
    assert third_party.location == discharge.location == urlparse(store.sso_url).netloc
    assert third_party.caveat_id == discharge.identifier
    caveats = first_party(discharge)
    assert caveats.keys() == {"account", "valid_since", "last_auth", "expires", "session"}
    account = json.loads(base64.b64decode(caveats["account"], validate=True))
    assert account.keys() == {"openid", "email", "displayname", "username", "is_verified"}
    assert account["email"] == store.accounts["publisher"].email
    assert is_near(caveats["valid_since"], now) and is_near(caveats["last_auth"], now)
    assert moment(caveats["expires"]) <= now + timedelta(hours=2, minutes=1)


def test_whoami_shows_the_account_and_the_scope(store: Store) -> None:
    snap_id = register(store.login(), "hello-macaroon")
    now = datetime.now(timezone.utc)
    asked = {"permissions": ["package_push"], "channels": ["edge"], "packages": ["hello-macaroon"], "ttl": 7200}
    shown = store.login(**asked).client.whoami()
    assert shown["account"].keys() >= {"email", "id", "name", "username"}
    assert all(isinstance(shown["account"][key], str) for key in ("email", "id", "name", "username"))
    assert re.fullmatch("[A-Za-z0-9]{32}", shown["account"]["id"])
    assert shown["account"]["email"] == store.accounts["publisher"].email
    assert (shown["permissions"], shown["channels"], shown["packages"]) == (["package_push"], ["edge"], [snap_id])
    # snapcraft appends a Z.
    expires = datetime.fromisoformat(shown["expires"] + "+00:00")
    assert abs(expires - now - timedelta(hours=2)) < timedelta(minutes=1)


def test_whoami_shows_null_and_no_empty_list_where_there_is_no_limit(store: Store) -> None:
    shown = store.login().client.whoami()
    assert shown["channels"] is None and shown["packages"] is None
    assert sorted(shown["permissions"]) == sorted(PUBLISHING)
