"""Registering names through craft-store."""

import re

from publishing import register
from refusals import refused
from store import Store


def test_a_registered_name_is_the_accounts(store: Store) -> None:
    holder = store.login()
    snap_id = register(holder, "hello-macaroon")
    assert re.fullmatch("[A-Za-z0-9]{32}", snap_id)
    account = holder.get("/dev/api/account").json()
    assert account["snaps"]["16"]["hello-macaroon"]["snap-id"] == snap_id
    assert account["account_id"] == account["id"] == holder.client.whoami()["account"]["id"]


def test_a_name_that_is_ones_own_already_is_told_apart(store: Store) -> None:
    holder = store.login()
    register(holder, "hello-macaroon")
    refusal = refused(lambda: register(holder, "hello-macaroon"), status=409, code="already_owned")
    assert refusal.body["code"] == "already_owned"


def test_a_name_that_cannot_be_a_snaps_is_refused_with_the_reason(store: Store) -> None:
    holder = store.login(permissions=["package_register"])
    for name in ("Hello", "-hello", "hello-", "hello--macaroon", "123", "h" * 41):
        refusal = refused(lambda: register(holder, name), status=400, code="invalid")
        assert refusal.message.startswith(f"The name '{name}' is not valid: it should ")


def test_a_credential_without_package_register_cannot_register(store: Store) -> None:
    holder = store.login(permissions=["package_push"])
    refusal = refused(lambda: register(holder, "hello-macaroon"), status=403, code="macaroon-permission-required")
    assert 'Permission "package_register" is required as a macaroon caveat.' in refusal.message
