"""pymacaroons, given the root key, comes to the same verdict about our macaroons as the service does."""

import base64

import pytest
from nacl.exceptions import CryptoError
from pymacaroons import Macaroon, Verifier
from pymacaroons.exceptions import MacaroonInvalidSignatureException

import macaroond
from store import Store


def verify(root: Macaroon, discharge: Macaroon, key: bytes) -> bool:
    """Checks signatures alone: every first-party caveat is taken to be met."""
    verifier = Verifier()
    verifier.satisfy_general(lambda _: True)
    return verifier.verify(root, key, [discharge])


def test_pymacaroons_verifies_our_root_with_its_bound_discharge_and_nothing_less(store: Store) -> None:
    credential = store.login(channels=["edge"]).stored()
    root, bound = credential.root_macaroon(), credential.bound_discharge()
    _version, key_id, _token_id = root.identifier.split(".")
    revealed = macaroond.run("keys", "root", "reveal", key_id, "--yes", "--data-dir", store.data_dir)
    assert revealed.returncode == 0, revealed.stderr
    store.secrets.add(revealed.stdout.strip())
    key = base64.b64decode(revealed.stdout.strip(), validate=True)
    assert verify(root, bound, key)
    child = credential.narrowed("channel", ["edge"])
    assert verify(child.root_macaroon(), child.bound_discharge(), key)
    with pytest.raises(MacaroonInvalidSignatureException):
        verify(root, credential.discharge_macaroon(), key)
    with pytest.raises(CryptoError):
        verify(root, bound, bytes(len(key)))


def test_a_root_key_is_not_revealed_without_yes(store: Store) -> None:
    key_id = store.login().stored().root_macaroon().identifier.split(".")[1]
    refused = macaroond.run("keys", "root", "reveal", key_id, "--data-dir", store.data_dir)
    assert refused.returncode != 0 and refused.stdout == "" and "--yes" in refused.stderr
