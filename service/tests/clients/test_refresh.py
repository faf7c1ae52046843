"""Refreshing, which craft-store does by itself when it is told to, against a service whose discharges age in two seconds."""

from collections.abc import Callable

from credential import Credential, first_party
from refusals import refused
from store import Store
from waiting import wait_until

AGING = ("--discharge-max-age", "2s")


def test_craft_store_refreshes_a_stale_discharge_and_the_request_succeeds(start_store: Callable[..., Store]) -> None:
    store = start_store(*AGING)
    holder = store.login()
    before = holder.stored()
    wait_until(lambda: is_stale(store, before), "the aging of a discharge")
    assert holder.client.whoami()["account"]["email"] == store.accounts["publisher"].email
    after = holder.stored()
    store.secrets |= after.secrets()
    assert after.root == before.root and after.discharge != before.discharge
    old, new = before.discharge_macaroon(), after.discharge_macaroon()
    assert (new.identifier, new.location) == (old.identifier, old.location)
    old_caveats, new_caveats = first_party(old), first_party(new)
    assert new_caveats["valid_since"] > old_caveats["valid_since"]
    assert new_caveats | {"valid_since": ""} == old_caveats | {"valid_since": ""}


def test_a_refresh_can_be_repeated(start_store: Callable[..., Store]) -> None:
    store = start_store(*AGING)
    holder, discharges = store.login(), set()
    for _ in range(2):
        before = holder.stored()
        wait_until(lambda: is_stale(store, before), "the aging of a discharge")
        holder.client.whoami()
        discharges |= {before.discharge, holder.stored().discharge}
        store.secrets |= holder.stored().secrets()
    assert len(discharges) == 3


def test_a_narrowed_credential_stays_narrow_through_a_refresh(start_store: Callable[..., Store]) -> None:
    store = start_store(*AGING)
    child = store.holder(store.login().stored().narrowed("channel", ["edge"]))
    wait_until(lambda: is_stale(store, child.stored()), "the aging of a discharge")
    assert child.client.whoami()["channels"] == ["edge"]
    store.secrets |= child.stored().secrets()


def test_a_refresh_is_not_asked_for_where_it_could_not_help(start_store: Callable[..., Store]) -> None:
    store = start_store(*AGING)
    issued = store.login().stored()
    wait_until(lambda: is_stale(store, issued), "the aging of a discharge")
    expired = store.holder(issued.narrowed("expires", "2024-01-02T03:04:05.000006"))
    refusal = refused(expired.client.whoami, status=401, code="macaroon-authorization-required")
    assert "expired" in refusal.message


def test_a_discharge_bound_to_a_root_cannot_be_refreshed(store: Store) -> None:
    holder = store.login()
    bound = holder.stored().bound_discharge().serialize()
    refusal = refused(
        lambda: holder.client.http_client.post(
            store.sso_url + "/api/v2/tokens/refresh", json={"discharge_macaroon": bound}
        ),
        status=401,
        code="invalid-credentials",
    )
    assert refusal.body["code"] == "INVALID_CREDENTIALS"


def is_stale(store: Store, credential: Credential) -> bool:
    """Whether the service asks for a refresh, with the header and the code that each generation of clients looks for."""
    answer = store.knock(credential)
    if answer.status_code == 200:
        return False
    [entry] = answer.json()["error_list"]
    assert (answer.status_code, entry["code"]) == (401, "macaroon-needs-refresh"), answer.text
    assert answer.headers["WWW-Authenticate"] == "Macaroon needs_refresh=1"
    assert entry["message"] == f"Expired macaroon (age: {entry['extra']['age']} seconds)"
    return True
