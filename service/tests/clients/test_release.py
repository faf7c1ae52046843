"""Releasing through craft-store, and what the channels show afterwards."""

from publishing import Published, channel_map, open_channels, release, releases

STATUSES = {"Published", "Unpublished", "ManualReviewPending", "NeedsInformation", "AutomaticallyRejected", "Rejected"}


def test_a_release_opens_the_channel_and_shows_it_in_the_tree(published: Published) -> None:
    answer = release(published.publisher, published.name, 1, ["edge"])
    assert answer["success"] is True
    assert [channel.removeprefix("latest/") for channel in answer["opened_channels"]] == ["edge"]
    entries = {entry["channel"]: entry for entry in answer["channel_map_tree"]["latest"]["16"]["amd64"]}
    edge = entries["edge"]
    assert (edge["info"], int(edge["revision"]), edge["version"]) == ("specific", 1, "1.0")
    assert open_channels(published.publisher, published.name) == {"latest/edge": 1}


def test_the_channel_map_has_what_snapcrafts_schema_demands(published: Published) -> None:
    release(published.publisher, published.name, 1, ["stable"])
    shown = channel_map(published.publisher, published.name)
    [entry] = shown["channel-map"]
    assert (entry["architecture"], entry["channel"], entry["revision"]) == ("amd64", "latest/stable", 1)
    assert entry["expiration-date"] is None and entry["when"]
    assert entry["progressive"].keys() == {"paused", "percentage", "current-percentage"}
    [revision] = shown["revisions"]
    assert (revision["revision"], revision["version"], revision["architectures"]) == (1, "1.0", ["amd64"])
    assert shown["snap"]["name"] == published.name and "default-track" in shown["snap"]
    channels = {channel["name"]: channel for channel in shown["snap"]["channels"]}
    stable = channels["latest/stable"]
    assert stable.keys() >= {"name", "track", "risk", "branch", "fallback"}
    assert (stable["track"], stable["risk"], stable["branch"]) == ("latest", "stable", None)


def test_releases_lists_the_newest_first_with_every_field_that_snapcraft_reads(published: Published) -> None:
    release(published.publisher, published.name, 1, ["edge"])
    release(published.publisher, published.name, 1, ["stable"])
    shown = releases(published.publisher, published.name)
    assert [entry["channel"] for entry in shown["releases"]] == ["latest/stable", "latest/edge"]
    for entry in shown["releases"]:
        assert (entry["architecture"], entry["revision"], entry["track"], entry["branch"]) == ("amd64", 1, "latest", None)
        assert entry["risk"] == entry["channel"].removeprefix("latest/") and entry["when"]
    [revision] = shown["revisions"]
    assert (revision["revision"], revision["base"], revision["version"]) == (1, "core24", "1.0")
    assert (revision["confinement"], revision["grade"], revision["architectures"]) == ("strict", "stable", ["amd64"])
    assert revision.keys() >= {"build_url", "created_at", "sha3-384", "size", "status"}
    assert revision["status"] in STATUSES


def test_a_closed_channel_shows_nothing(published: Published) -> None:
    release(published.publisher, published.name, 1, ["edge", "beta"])
    answer = published.publisher.post(f"/dev/api/snaps/{published.snap_id}/close", {"channels": ["beta"]}).json()
    assert answer["closed_channels"] and "channel_map_tree" in answer
    assert open_channels(published.publisher, published.name) == {"latest/edge": 1}
