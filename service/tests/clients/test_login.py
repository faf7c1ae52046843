"""Logging in with craft-store: what each wrong answer is told, and that the right one gets in."""

import pytest
from craft_store import UbuntuOneStoreClient
from craft_store.errors import StoreServerError

from refusals import Refusal, refused
from store import Store


def login(client: UbuntuOneStoreClient, email: str, password: str, otp: str | None = None) -> str:
    """One attempt, as snapcraft makes it: the first without a code, the second with one."""
    return client.login(
        permissions=["package_access"],
        description="snapcraft@laptop",
        ttl=3600,
        email=email,
        password=password,
        **({"otp": otp} if otp else {}),
    )


def says(refusal: Refusal, code: str, message: str) -> bool:
    """The same words in both dialects: craft-store reads the list, snapd the top."""
    return (refusal.message, refusal.body["code"], refusal.body["message"]) == (message, code, message)


def test_a_wrong_password_is_refused_before_a_code_is_asked_for(store: Store) -> None:
    account = store.accounts["publisher"]
    refusal = refused(
        lambda: login(store.client(), account.email, "not the password"), status=401, code="invalid-credentials"
    )
    assert says(refusal, "INVALID_CREDENTIALS", "Provided email/password is not correct.")


def test_an_unknown_address_looks_like_a_wrong_password(store: Store) -> None:
    account = store.accounts["publisher"]
    answers = [
        refused(lambda: login(store.client(), email, "not the password"), status=401, code="invalid-credentials").body
        for email in (account.email, "nobody@example.com")
    ]
    assert answers[0] == answers[1]


def test_a_login_without_a_code_is_asked_for_one_and_then_gets_in(store: Store) -> None:
    account, client = store.accounts["publisher"], store.client()
    refusal = refused(lambda: login(client, account.email, account.password), status=401, code="twofactor-required")
    assert says(refusal, "TWOFACTOR_REQUIRED", "2-factor authentication required.")
    login(client, account.email, account.password, account.codes.fresh())
    assert client.whoami()["account"]["email"] == account.email


def test_a_wrong_code_is_refused(store: Store) -> None:
    account = store.accounts["publisher"]
    refusal = refused(
        lambda: login(store.client(), account.email, account.password, account.codes.wrong()),
        status=403,
        code="twofactor-failure",
    )
    assert says(refusal, "TWOFACTOR_FAILURE", "The provided 2-factor key is not recognised.")


def test_a_code_works_once(store: Store) -> None:
    account, code = store.accounts["publisher"], store.accounts["publisher"].codes.fresh()
    login(store.client(), account.email, account.password, code)
    refused(
        lambda: login(store.client(), account.email, account.password, code), status=403, code="twofactor-failure"
    )


def test_a_client_that_logs_out_and_in_again_has_another_credential(store: Store) -> None:
    account, client = store.accounts["publisher"], store.client()
    first = login(client, account.email, account.password, account.codes.fresh())
    client.logout()
    second = login(client, account.email, account.password, account.codes.fresh())
    assert first != second and client.whoami()["account"]["email"] == account.email


def test_logins_without_a_code_do_not_lock_the_account(store: Store) -> None:
    account = store.accounts["publisher"]
    for _ in range(12):
        refused(
            lambda: login(store.client(), account.email, account.password), status=401, code="twofactor-required"
        )
    login(store.client(), account.email, account.password, account.codes.fresh())


def test_a_publisher_cannot_log_in_for_the_security_engineers_permission(store: Store) -> None:
    refusal = refused(
        lambda: store.login("publisher", permissions=["credential_revoke"]), status=403, code="resource-forbidden"
    )
    assert "credential_revoke" in refusal.message


def test_a_security_engineer_cannot_log_in_to_publish(store: Store) -> None:
    refused(lambda: store.login("security", permissions=["package_push"]), status=403, code="resource-forbidden")


def test_an_unknown_permission_is_named(store: Store) -> None:
    with pytest.raises(StoreServerError) as caught:
        store.login(permissions=["package_destroy"])
    assert caught.value.response.status_code == 400
    assert "package_destroy" in str(caught.value)


def test_an_unknown_snap_is_named_where_every_client_looks(store: Store) -> None:
    refusal = refused(
        lambda: store.login(packages=["no-such-snap"]), status=404, code="resource-not-found"
    )
    message = "Snap not found for the given snap name: 'no-such-snap' and series: '16'"
    assert (refusal.message, refusal.body["error_message"]) == (message, message)
