"""Registering keys that snapd's own tool has made, through craft-store: one login, one key."""

import re
from collections.abc import Callable

from refusals import refused
from signing import KEYS, ask_to_register, register_key, registered_keys, revoke_key
from snap_tool import Key
from store import Store


def test_a_key_is_registered_with_a_login_for_this_alone_and_is_listed(store: Store, build_key: Key) -> None:
    holder = store.login(permissions=KEYS)
    registered = ask_to_register(holder, build_key.export(holder.account_id())).json()["account_key"]
    assert registered["account-id"] == holder.account_id()
    assert (registered["name"], registered["public-key-sha3-384"]) == (build_key.name, build_key.id)
    (listed,) = registered_keys(holder).values()
    assert (listed["name"], listed["public-key-sha3-384"]) == (build_key.name, build_key.id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", listed["since"]) and "until" not in listed


def test_a_login_that_has_registered_a_key_is_spent(store: Store, build_key: Key, second_key: Key) -> None:
    holder = store.login(permissions=KEYS)
    ask_to_register(holder, build_key.export(holder.account_id()))
    refusal = refused(
        lambda: ask_to_register(holder, second_key.export(holder.account_id())),
        status=403,
        code="macaroon-permission-required",
    )
    assert "has registered a key already" in refusal.message and "Log in again" in refusal.message
    assert registered_keys(holder).keys() == {build_key.id}


def test_a_key_that_is_registered_already_is_answered_as_the_first_time_and_spends_nothing(
    store: Store, build_key: Key
) -> None:
    holder = store.login(permissions=KEYS)
    answers = [ask_to_register(holder, build_key.export(holder.account_id())).json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_second_key_of_the_same_name_puts_an_end_to_the_first(
    store: Store, build_key: Key, second_key: Key
) -> None:
    for key in (build_key, second_key):
        register_key(store, key)
    keys = registered_keys(store.login())
    assert keys.keys() == {build_key.id, second_key.id}
    assert keys[build_key.id]["name"] == keys[second_key.id]["name"] == "build"
    assert keys[build_key.id]["until"] > keys[second_key.id]["since"]
    assert "until" not in keys[second_key.id]


def test_the_credential_of_a_pipeline_cannot_register_a_key(store: Store, build_key: Key) -> None:
    holder = store.login()
    refusal = refused(
        lambda: ask_to_register(holder, build_key.export(holder.account_id())),
        status=403,
        code="macaroon-permission-required",
    )
    assert refusal.extra["permission"] == "modify_account_key"
    assert registered_keys(holder) == {}


def test_a_request_that_is_not_this_accounts_or_not_whole_is_refused_and_spends_nothing(
    store: Store, build_key: Key
) -> None:
    holder, others_id = store.login(permissions=KEYS), "AnotherAccount000000000000000001"
    request = build_key.export(holder.account_id())
    for wrong, why in {
        build_key.export(others_id): others_id,
        request.replace("name: build\n", "name: other\n"): "signature",
        request + "\n": "read",
        "no assertion": "read",
    }.items():
        refusal = refused(lambda: ask_to_register(holder, wrong), status=400, code="invalid-field")
        assert refusal.message.startswith("The account-key-request assertion is not valid.") and why in refusal.message
    assert ask_to_register(holder, request).status_code == 200


def test_a_key_of_somebody_else_cannot_be_registered(start_store: Callable[..., Store], build_key: Key) -> None:
    store = start_store("--colleague")
    register_key(store, build_key, "colleague")
    holder = store.login(permissions=KEYS)
    refusal = refused(
        lambda: ask_to_register(holder, build_key.export(holder.account_id())), status=409, code="conflict"
    )
    assert "Another account has registered this key" in refusal.message


def test_a_revoked_key_cannot_be_registered_again(store: Store, build_key: Key) -> None:
    register_key(store, build_key)
    revoke_key(store.login(), build_key, reason="the laptop was stolen")
    holder = store.login(permissions=KEYS)
    refusal = refused(
        lambda: ask_to_register(holder, build_key.export(holder.account_id())), status=409, code="conflict"
    )
    assert "This key was revoked" in refusal.message


def test_a_key_is_revoked_by_its_owner_or_a_security_engineer_and_by_nobody_else(
    start_store: Callable[..., Store], build_key: Key, second_key: Key
) -> None:
    store = start_store("--colleague")
    for key in (build_key, second_key):
        register_key(store, key)
    refused(
        lambda: revoke_key(store.login("colleague"), build_key), status=403, code="macaroon-permission-required"
    )
    revoke_key(store.login(), build_key)
    revoke_key(store.login("security", permissions=["credential_revoke"]), second_key)
