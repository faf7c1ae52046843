"""Owns what a publisher does about signed uploads: registering keys, demanding signatures, handing them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from publishing import processed, push, register
from snap_tool import Key
from store import Holder, Store

# What `snapcraft register-key` asks for.
KEYS = ("modify_account_key",)


@dataclass(frozen=True)
class Demanding:
    """A package whose uploads must be signed, its publisher, and the publisher's registered key."""

    publisher: Holder
    name: str
    snap_id: str
    account_id: str
    key: Key

    def signed(self, file: Path) -> str:
        """The assertion that the file needs."""
        return self.key.sign_build(file, snap_id=self.snap_id, account_id=self.account_id)


def demanding(store: Store, key: Key) -> Demanding:
    """Registers a key and a name, and demands signatures."""
    publisher, name = store.login(), "hello-macaroon"
    register_key(store, key)
    made = Demanding(publisher, name, register(publisher, name), publisher.account_id(), key)
    set_policy(publisher, name, "required")
    return made


def register_key(store: Store, key: Key, who: str = "publisher") -> dict:
    """Registers a key as snapcraft does: with a login of its own, for this alone."""
    holder = store.login(who, permissions=KEYS)
    return ask_to_register(holder, key.export(holder.account_id())).json()["account_key"]


def ask_to_register(holder: Holder, request: str) -> requests.Response:
    return holder.post("/dev/api/account/account-key", {"account_key_request": request})


def registered_keys(holder: Holder) -> dict[str, dict]:
    """The account's keys by id, which both spellings must show alike."""
    account = holder.get("/dev/api/account").json()
    assert account["account_keys"] == account["account-keys"]
    return {key["public-key-sha3-384"]: key for key in account["account_keys"]}


def revoke_key(holder: Holder, key: Key, **how: str) -> dict:
    """Revokes a key. A 200 is the acknowledgement."""
    answer = holder.post(f"/v1/keys/{key.id}/revoke", how)
    assert answer.status_code == 200 and answer.json()["acknowledged"] is True, answer.text
    return answer.json()


def set_policy(holder: Holder, name: str, signed_uploads: str) -> dict:
    """Says whether uploads must be signed: `off`, `observe` or `required`."""
    return holder.put(f"/v1/packages/{name}/policy", {"signed_uploads": signed_uploads}).json()


def policy(holder: Holder, name: str) -> str:
    return holder.get(f"/v1/packages/{name}/policy").json()["signed_uploads"]


def hand_in(holder: Holder, snap_id: str, assertion: str) -> dict:
    """Hands in an assertion, as `snapcraft sign-build` does; answers with its headers."""
    return holder.post(f"/dev/api/snaps/{snap_id}/builds", {"assertion": assertion}).json()


def upload_along_with(holder: Holder, name: str, file: Path, assertion: str) -> dict:
    """Uploads a file and its assertion in one request, which no client does yet; then pushes and polls as they do."""
    parts: Mapping[str, tuple] = {
        "assertion": ("assertion", assertion, "application/x.ubuntu.assertion"),
        "binary": (file.name, file.read_bytes(), "application/octet-stream"),
    }
    received = requests.post(holder.base_url + "/unscanned-upload/", files=parts, timeout=30)
    assert received.status_code == 200, received.text
    answer = push(holder, name, received.json()["upload_id"], file.stat().st_size)
    assert answer.status_code == 202, answer.text
    return processed(holder, answer.json()["status_details_url"])


def why_refused(status: dict) -> str:
    """The one sentence about an upload that was refused, which clients print in full."""
    assert (status["code"], status["can_release"]) == ("processing_error", False), status
    (error,) = status["errors"]
    return error["message"]
