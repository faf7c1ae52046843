"""Uploading real snap files through craft-store: storage, push, polling."""

from pathlib import Path

import pytest
import requests
from craft_store.errors import StoreServerError

from publishing import open_channels, processed, push, register, revisions, upload
from refusals import refused
from snap_file import make_snap
from store import Store

NAME = "hello-macaroon"


def test_an_upload_becomes_revision_1_and_its_status_can_be_read_with_and_without_a_credential(
    store: Store, tmp_path: Path
) -> None:
    holder, file = store.login(), make_snap(tmp_path, NAME)
    register(holder, NAME)
    upload_id = holder.client.upload_file(filepath=file)
    answer = push(holder, NAME, upload_id, file.stat().st_size)
    url = answer.json()["status_details_url"]
    assert answer.status_code == 202 and answer.json()["success"] is True
    # craft-store sends its credential there, so it must not lead anywhere else.
    assert url.startswith(store.base_url + "/")
    status = processed(holder, url)
    assert requests.get(url, timeout=10).json() == status
    assert (status["code"], int(status["revision"])) == ("ready_to_release", 1)
    assert not status.get("errors") and status["can_release"] is True


def test_craft_store_can_show_the_progress_of_an_upload(store: Store, tmp_path: Path) -> None:
    holder, file, seen = store.login(), make_snap(tmp_path, NAME), []
    holder.client.upload_file(
        filepath=file, monitor_callback=lambda encoder: lambda monitor: seen.append(monitor.bytes_read)
    )
    assert max(seen) >= file.stat().st_size


def test_a_snap_in_each_compression_of_snapcraft_is_read(store: Store, tmp_path: Path) -> None:
    holder = store.login()
    register(holder, NAME)
    for version, compression in {"1.0": "xz", "2.0": "lzo"}.items():
        status = upload(holder, NAME, make_snap(tmp_path, NAME, version=version, compression=compression))
        assert status["code"] == "ready_to_release", compression
    shown = {revision["revision"]: revision["version"] for revision in revisions(holder, NAME)}
    assert shown == {1: "1.0", 2: "2.0"}


def test_a_second_file_becomes_revision_2_and_the_same_file_is_told_to_be_a_duplicate(
    store: Store, tmp_path: Path
) -> None:
    holder = store.login()
    register(holder, NAME)
    first, second = make_snap(tmp_path, NAME, version="1.0"), make_snap(tmp_path, NAME, version="2.0")
    assert [int(upload(holder, NAME, file)["revision"]) for file in (first, second)] == [1, 2]
    status = upload(holder, NAME, first)
    assert status["code"] == "processing_error"
    (error,) = status["errors"]
    assert error["message"].startswith("Duplicate snap already uploaded")


def test_an_upload_with_channels_is_released_to_them(store: Store, tmp_path: Path) -> None:
    holder = store.login()
    register(holder, NAME)
    upload(holder, NAME, make_snap(tmp_path, NAME), channels=["edge", "beta"])
    assert open_channels(holder, NAME) == {"latest/edge": 1, "latest/beta": 1}


def test_a_dry_run_is_accepted_and_leaves_no_revision(store: Store) -> None:
    holder = store.login()
    register(holder, NAME)
    holder.post("/dev/api/snap-push/", {"name": NAME, "dry_run": True})
    assert revisions(holder, NAME) == []


def test_a_push_to_a_name_that_nobody_registered_says_so(store: Store) -> None:
    holder = store.login()
    refusal = refused(
        lambda: holder.post("/dev/api/snap-push/", {"name": "nobodys", "dry_run": True}),
        status=404,
        code="resource-not-found",
    )
    # snapcraft 2 reads `text`, and some keys crash it.
    assert refusal.body["text"] == refusal.message
    assert not refusal.body.keys() & {"snap_name", "status_code", "response"}


def test_an_uploaded_file_can_be_pushed_once(store: Store, tmp_path: Path) -> None:
    holder, file = store.login(), make_snap(tmp_path, NAME)
    register(holder, NAME)
    upload_id = holder.client.upload_file(filepath=file)
    push(holder, NAME, upload_id, file.stat().st_size)
    with pytest.raises(StoreServerError) as caught:
        push(holder, NAME, upload_id, file.stat().st_size)
    assert 400 <= caught.value.response.status_code < 500 and caught.value.response.json()["text"]
