"""Releasing through craft-store, and what the channels show afterwards."""

from datetime import datetime, timedelta, timezone

from publishing import Published, channel_map, open_channels, release, releases
from refusals import refused
from store import Store

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


def test_a_branch_is_shown_with_the_day_on_which_it_ends(published: Published) -> None:
    answer = release(published.publisher, published.name, 1, ["edge/fix"])
    [entry] = channel_map(published.publisher, published.name)["channel-map"]
    ends = datetime.fromisoformat(entry["expiration-date"])
    assert timedelta(days=29) < ends - datetime.now(timezone.utc) <= timedelta(days=30)
    # snapcraft 2 to 6 prints this as it is.
    branch = answer["channel_map_tree"]["latest"]["16"]["amd64"][-1]
    assert (branch["channel"], branch["info"], branch["revision"]) == ("edge/fix", "branch", 1)
    assert branch["expires_at"] == entry["expiration-date"].removesuffix("Z")
    [line] = releases(published.publisher, published.name)["releases"]
    assert (line["branch"], line["expiration-date"]) == ("fix", entry["expiration-date"])


def test_promote_finds_the_set_of_a_channel_in_the_tree(published: Published) -> None:
    release(published.publisher, published.name, 1, ["candidate"])
    state = published.publisher.get(f"/dev/api/snaps/{published.snap_id}/state?series=16").json()
    # snapcraft 9 takes every architecture of the track, and stops where one has no revision.
    entries = {entry["channel"]: entry for entry in state["channel_map_tree"]["latest"]["16"]["amd64"]}
    assert (entries["candidate"]["revision"], entries["candidate"]["version"]) == (1, "1.0")
    assert [entries[risk]["info"] for risk in ("stable", "beta", "edge")] == ["none", "tracking", "tracking"]
    unknown = published.publisher.get(f"/dev/api/snaps/{published.snap_id}/state?series=16&architecture=riscv64")
    assert unknown.json() == {}


def test_a_release_that_cannot_be_is_refused_in_words(published: Published) -> None:
    for revision, channel, words in [
        (2, "edge", "There is no revision 2"),
        (1, "a/b/c", "Not a valid channel"),
        (1, "2.0/edge", "There is no track '2.0'"),
    ]:
        refusal = refused(
            lambda revision=revision, channel=channel: release(
                published.publisher, published.name, revision, [channel]
            ),
            status=400,
            code="invalid-field",
        )
        assert words in refusal.message and refusal.body["errors"] == refusal.message
    assert open_channels(published.publisher, published.name) == {}


def test_what_is_not_kept_is_empty_to_read_and_refused_in_words_to_write(published: Published) -> None:
    path = f"/dev/api/snaps/{published.snap_id}"
    assert published.publisher.get(f"{path}/validations").json() == []
    assert published.publisher.get(f"{path}/binary-metadata").json() == []
    assert published.publisher.get("/api/v2/validation-sets").json() == {"assertions": []}
    refused(
        lambda: published.publisher.get(f"{path}/developers"), status=403, code="snap-developer-not-found"
    )
    for attempt, words in [
        (lambda: published.publisher.put(f"{path}/metadata", {"summary": "Says hello"}), "metadata"),
        (lambda: published.publisher.put(f"{path}/validations", {"assertion": "x"}), "Validations"),
        (lambda: published.publisher.put(f"{path}/developers", {"snap_developer": "x"}), "Collaborators"),
        (lambda: published.publisher.post("/dev/api/snaps/metrics", {"filters": []}), "metrics"),
    ]:
        assert words in refused(attempt, status=501, code="feature-disabled").message


def test_an_agreement_is_taken_from_whoever_has_logged_in(store: Store) -> None:
    holder = store.login(permissions=["package_push"])
    answer = holder.post("/dev/api/agreement/", {"latest_tos_accepted": True}).json()
    assert answer["content"]["latest_tos_accepted"] is True
