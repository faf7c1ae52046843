"""Narrowing a credential offline with pymacaroons, as any holder can: what is added is enforced, what is taken away shows."""

from dataclasses import replace

from publishing import Published, open_channels, register, release
from refusals import refused
from store import Store


def test_a_channel_caveat_added_offline_is_enforced_and_leaves_the_parent_as_it_was(
    store: Store, published: Published
) -> None:
    child = store.holder(published.publisher.stored().narrowed("channel", ["edge"]))
    refused(lambda: release(child, published.name, 1, ["stable"]), status=403, code="macaroon-permission-required")
    release(child, published.name, 1, ["edge"])
    release(published.publisher, published.name, 1, ["stable"])
    assert open_channels(child, published.name) == {"latest/edge": 1, "latest/stable": 1}
    assert child.client.whoami()["channels"] == ["edge"]


def test_a_second_channel_caveat_cannot_widen_the_first(store: Store, published: Published) -> None:
    issued = store.login(channels=["edge", "beta"]).stored()
    child = store.holder(issued.narrowed("channel", ["beta", "stable"]))
    for channel in ("edge", "stable"):
        refused(lambda: release(child, published.name, 1, [channel]), status=403, code="macaroon-permission-required")
    release(child, published.name, 1, ["beta"])


def test_permissions_and_snaps_can_be_narrowed_offline(store: Store, published: Published) -> None:
    other = register(published.publisher, "other-macaroon")
    wide = published.publisher.stored()
    pusher, others = store.holder(wide.narrowed("acl", ["package_push"])), store.holder(wide.narrowed("package_id", [other]))
    for child in (pusher, others):
        refused(lambda: release(child, published.name, 1, ["edge"]), status=403, code="macaroon-permission-required")
    assert pusher.client.whoami()["permissions"] == ["package_push"]
    assert others.client.whoami()["packages"] == [other]


def test_an_expires_caveat_in_the_past_added_offline_ends_the_child_alone(store: Store) -> None:
    parent = store.login()
    child = store.holder(parent.stored().narrowed("expires", "2024-01-02T03:04:05.000006"))
    refusal = refused(child.client.whoami, status=401, code="macaroon-authorization-required")
    assert "expired" in refusal.message and "2024-01-02T03:04:05" in refusal.message
    parent.client.whoami()


def test_an_unknown_caveat_refuses_and_is_named(store: Store) -> None:
    child = store.holder(store.login().stored().narrowed("phase_of_the_moon", "full"))
    refusal = refused(child.client.whoami, status=403, code="macaroon-permission-required")
    assert "phase_of_the_moon" in refusal.message


def test_a_caveat_taken_away_makes_a_forgery(store: Store) -> None:
    holder = store.login(channels=["edge"])
    root = holder.stored().root_macaroon()
    root.caveats = [caveat for caveat in root.caveats if "|channel|" not in caveat.caveat_id]
    forgery = store.holder(replace(holder.stored(), root=root.serialize()))
    refused(forgery.client.whoami, status=401, code="macaroon-authorization-required")
    holder.client.whoami()


def test_the_discharge_of_one_login_does_not_serve_the_root_of_another(store: Store) -> None:
    one, two = store.login().stored(), store.login().stored()
    mixed = store.holder(replace(one, discharge=two.discharge))
    refused(mixed.client.whoami, status=401, code="macaroon-authorization-required")
