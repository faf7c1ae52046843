"""Tracks, made with craft-store's client of the publisher gateway, released to and chosen as the default."""

from collections.abc import Iterator

import httpx
import pytest
from craft_store.errors import CraftStoreError
from craft_store.publisher import PublisherGateway

from publishing import Published, channel_map, open_channels, release
from refusals import refused
from store import Holder, Store


class Bound(httpx.Auth):
    """The holder's credential in each request, with its discharge bound."""

    def __init__(self, holder: Holder) -> None:
        self._header = holder.stored().header()

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        request.headers["Authorization"] = self._header
        yield request


def gateway(holder: Holder) -> PublisherGateway:
    return PublisherGateway(holder.base_url, "snap", Bound(holder))


def test_a_track_is_made_and_then_released_to(published: Published) -> None:
    refused(
        lambda: release(published.publisher, published.name, 1, ["1.0/edge"]), status=400, code="invalid-field"
    )
    made = gateway(published.publisher).create_tracks(
        published.name, {"name": "1.0", "version-pattern": r"1\..*"}, {"name": "lts"}
    )
    assert made == 2
    release(published.publisher, published.name, 1, ["1.0/edge", "lts"])
    assert open_channels(published.publisher, published.name) == {"1.0/edge": 1, "lts/stable": 1}
    tracks = {track["name"]: track for track in channel_map(published.publisher, published.name)["snap"]["tracks"]}
    assert tracks.keys() == {"1.0", "latest", "lts"}
    for track in tracks.values():
        # What snapcraft 4 and later demand of a track.
        assert track.keys() >= {"name", "status", "creation-date", "version-pattern"} and track["status"] == "active"
    assert tracks["1.0"]["version-pattern"] == r"1\..*" and tracks["lts"]["version-pattern"] is None


def test_a_version_off_its_track_is_refused(published: Published) -> None:
    gateway(published.publisher).create_tracks(published.name, {"name": "2", "version-pattern": r"2\..*"})
    refusal = refused(
        lambda: release(published.publisher, published.name, 1, ["2/edge"]), status=400, code="invalid-field"
    )
    assert "does not take the version '1.0'" in refusal.message
    assert refusal.extra["version-pattern"] == r"2\..*"


def test_the_gateways_client_can_say_why_a_track_is_not_made(store: Store, published: Published) -> None:
    for holder, track, words in [
        (published.publisher, {"name": "stable"}, "should not be the name of a risk"),
        (published.publisher, {"name": "2", "version-pattern": "("}, "not a regular expression"),
        (store.login(permissions=["package_release"]), {"name": "2"}, "package_manage"),
    ]:
        with pytest.raises(CraftStoreError, match="returned from store") as caught:
            gateway(holder).create_tracks(published.name, track)
        assert words in str(caught.value)
    # Names that craft-store lets pass are taken, the longest too.
    assert gateway(published.publisher).create_tracks(published.name, {"name": "v1_2-x.3" + "a" * 20}) == 1


def test_the_default_track_is_set_as_snapcraft_sets_it(published: Published) -> None:
    gateway(published.publisher).create_tracks(published.name, {"name": "lts"})
    path = f"/dev/api/snaps/{published.snap_id}/metadata"
    assert published.publisher.put(path, {"default_track": "lts"}).ok
    shown = channel_map(published.publisher, published.name)["snap"]
    assert shown["default-track"] == "lts"
    statuses = {track["name"]: track["status"] for track in shown["tracks"]}
    # snapcraft 4 to 6 chooses among the tracks of these two statuses.
    assert statuses == {"latest": "active", "lts": "default"}
    refused(lambda: published.publisher.put(path, {"default_track": "9"}), status=400, code="invalid-field")
