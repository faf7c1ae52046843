"""What the store signs: snapd's own tool fetches and reads it, OpenSSL verifies it, and its chain ends at the bytes."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

import macaroond
import openpgp
from assertion import Assertion, file_digest, key_id
from signing import demanding, upload_along_with
from snap_file import make_snap
from snap_tool import Key
from store import Store

MEDIA_TYPE = "application/x.ubuntu.assertion"


@dataclass(frozen=True)
class Vouched:
    """A file that was accepted, the key that signed it, and the store's root key."""

    store: Store
    file: Path
    key: Key
    root: Assertion
    # Type to primary key, of all that is said about the file.
    about: dict[str, dict[str, str]]

    def fetched(self, kind: str, primary_key: dict[str, str]) -> Assertion:
        """An assertion as snapd's own tool gets it and has understood it."""
        asked = [f"{name}={value}" for name, value in primary_key.items()]
        return Assertion.read(self.key.tool.run("known", "--direct", kind, *asked, store_url=self.store.base_url))


@pytest.fixture
def vouched(store: Store, build_key: Key, tmp_path: Path) -> Vouched:
    package = demanding(store, build_key)
    file = make_snap(tmp_path, package.name)
    status = upload_along_with(package.publisher, package.name, file, package.signed(file))
    assert status["code"] == "ready_to_release"
    shown = macaroond.run("keys", "store", "show", "--root-assertion", "--data-dir", store.data_dir)
    assert shown.returncode == 0, shown.stderr
    digest = {"snap-sha3-384": file_digest(file)}
    about = {
        "account": {"account-id": package.account_id},
        "account-key": {"public-key-sha3-384": build_key.id},
        "snap-build": digest,
        "snap-declaration": {"series": "16", "snap-id": package.snap_id},
        "snap-revision": digest,
    }
    return Vouched(store, file, build_key, Assertion.read(shown.stdout), about)


def test_a_file_is_followed_from_the_root_key_to_its_bytes_by_what_snapds_tool_has_fetched(vouched: Vouched) -> None:
    fetched = {kind: vouched.fetched(kind, key) for kind, key in vouched.about.items()}
    root_id = key_id(vouched.root.body)
    keys = {vouched.key.id: fetched["account-key"], root_id: vouched.root}
    while missing := {said.signed_by for said in [*fetched.values(), *keys.values()]} - keys.keys():
        keys |= {key: vouched.fetched("account-key", {"public-key-sha3-384": key}) for key in missing}
    everything = [*keys.values(), *(said for kind, said in fetched.items() if kind != "account-key")]
    for said in everything:
        openpgp.verify(said, keys[said.signed_by].body)
    assert fetched["snap-build"].signed_by == vouched.key.id
    revision = fetched["snap-revision"].headers
    assert (revision["snap-revision"], int(revision["snap-size"])) == ("1", vouched.file.stat().st_size)
    assert revision["developer-id"] == vouched.about["account"]["account-id"]
    assert fetched["snap-declaration"].headers["publisher-id"] == revision["developer-id"]

    vouched.file.with_suffix(".assert").write_text("\n".join(said.text for said in everything))
    done = macaroond.run("verify", str(vouched.file), "--root", root_id, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["vouched"], report["snap"]["revision"], report["build"]["key"]) == (True, 1, vouched.key.id)
    with vouched.file.open("ab") as file:
        file.write(b"one more")
    done = macaroond.run("verify", str(vouched.file), "--root", root_id, "--json")
    assert (done.returncode, json.loads(done.stdout)["vouched"]) == (1, False)


def test_an_assertion_is_sent_as_text_and_as_json_at_the_paths_of_newer_and_of_older_clients(vouched: Vouched) -> None:
    for kind, primary_key in vouched.about.items():
        path = "/".join([kind, *primary_key.values()])
        for prefix in ("/v2/assertions/", "/api/v1/snaps/assertions/"):
            url = vouched.store.base_url + prefix + path
            text = requests.get(url, headers={"Accept": MEDIA_TYPE}, timeout=10)
            assert (text.status_code, text.headers["Content-Type"]) == (200, MEDIA_TYPE)
            said = Assertion.read(text.text)
            shown = requests.get(url, headers={"Accept": "application/json"}, timeout=10).json()
            assert shown["headers"].items() >= primary_key.items() and shown["headers"]["type"] == kind
            assert shown["headers"].items() >= said.headers.items() and shown.get("body", "") == said.body


def test_an_assertion_that_nobody_made_is_told_to_be_missing_as_each_client_reads_it(store: Store) -> None:
    missing = "snap-revision/" + "A" * 64
    answer = requests.get(f"{store.base_url}/v2/assertions/{missing}", timeout=10)
    assert (answer.status_code, answer.json()["error-list"][0]["code"]) == (404, "not-found")
    answer = requests.get(f"{store.base_url}/api/v1/snaps/assertions/{missing}", timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
