"""What this suite signs with is snapd's own tool, and what it makes is what snapd says it is."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

import openpgp
from assertion import Assertion, file_digest, key_id
from snap_file import make_snap
from snap_tool import Key

ACCOUNT_ID = "AccountOfThe0SnapToolTest0000001"
SNAP_ID = "SnapOfThe0SnapToolTest0000000001"


def test_an_exported_key_is_a_request_for_an_account_and_its_id_is_its_digest(build_key: Key) -> None:
    request = Assertion.read(build_key.export(ACCOUNT_ID))
    assert request.headers["type"] == "account-key-request" and "authority-id" not in request.headers
    assert (request.headers["account-id"], request.headers["name"]) == (ACCOUNT_ID, build_key.name)
    assert int(request.headers["body-length"]) == len(request.body)
    ids = {request.headers["public-key-sha3-384"], request.headers["sign-key-sha3-384"], key_id(request.body)}
    assert ids == {build_key.id}
    openpgp.verify(request, request.body)
    with pytest.raises(InvalidSignature):
        openpgp.verify(Assertion.read(request.text.replace("name: build\n", "name: other\n")), request.body)


def test_a_signed_build_names_the_file_the_snap_the_account_and_the_key(build_key: Key, tmp_path: Path) -> None:
    file = make_snap(tmp_path, "hello-macaroon")
    build = Assertion.read(build_key.sign_build(file, snap_id=SNAP_ID, account_id=ACCOUNT_ID)).headers
    assert (build["type"], build["snap-id"], build["grade"]) == ("snap-build", SNAP_ID, "stable")
    assert (build["snap-sha3-384"], int(build["snap-size"])) == (file_digest(file), file.stat().st_size)
    assert build["authority-id"] == build["developer-id"] == ACCOUNT_ID
    assert build["sign-key-sha3-384"] == build_key.id


def test_the_two_keys_of_this_suite_share_a_name_and_nothing_else(build_key: Key, second_key: Key) -> None:
    assert build_key.name == second_key.name and build_key.id != second_key.id
