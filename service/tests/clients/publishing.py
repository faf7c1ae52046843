"""Owns what a publisher does after the login: registering, uploading, polling, releasing, as snapcraft spells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from store import Holder
from waiting import wait_until


@dataclass(frozen=True)
class Published:
    """A snap with one revision, and its publisher, who may do everything."""

    publisher: Holder
    name: str
    snap_id: str


def register(holder: Holder, name: str) -> str:
    """Registers a name and answers with its snap id."""
    answer = holder.post("/dev/api/register-name/", {"snap_name": name, "is_private": False, "series": "16"})
    assert answer.status_code == 201, answer.text
    return answer.json()["snap_id"]


def push(holder: Holder, name: str, upload_id: str, size: int, channels: Sequence[str] = ()) -> requests.Response:
    """Claims an uploaded file for a snap."""
    body = {"name": name, "series": "16", "updown_id": upload_id, "binary_filesize": size, "source_uploaded": False}
    if channels:
        body["channels"] = list(channels)
    return holder.post("/dev/api/snap-push/", body)


def upload(holder: Holder, name: str, file: Path, channels: Sequence[str] = ()) -> dict:
    """Uploads, pushes and polls, as `snapcraft upload` does; answers with the last status."""
    upload_id = holder.client.upload_file(filepath=file)
    answer = push(holder, name, upload_id, file.stat().st_size, channels)
    assert answer.status_code == 202, answer.text
    return processed(holder, answer.json()["status_details_url"])


def processed(holder: Holder, status_url: str) -> dict:
    """Polls until the upload is processed."""

    def status() -> dict | None:
        body = holder.client.request("GET", status_url).json()
        assert "code" in body and isinstance(body["processed"], bool), body
        return body if body["processed"] else None

    return wait_until(status, "the processing of an upload")


def release(holder: Holder, name: str, revision: int, channels: Sequence[str]) -> dict:
    """Releases. The revision goes out as text, as snapcraft sends it."""
    body = {"name": name, "revision": str(revision), "channels": list(channels)}
    return holder.post("/dev/api/snap-release/", body).json()


def releases(holder: Holder, name: str) -> dict:
    return holder.get(f"/api/v2/snaps/{name}/releases").json()


def revisions(holder: Holder, name: str) -> list[dict]:
    """Every revision, released or not."""
    return releases(holder, name)["revisions"]


def channel_map(holder: Holder, name: str) -> dict:
    return holder.get(f"/api/v2/snaps/{name}/channel-map").json()


def open_channels(holder: Holder, name: str) -> dict[str, int]:
    """What each channel shows, by its full name."""
    return {entry["channel"]: entry["revision"] for entry in channel_map(holder, name)["channel-map"]}
