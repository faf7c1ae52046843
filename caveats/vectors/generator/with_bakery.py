"""Minting with py-macaroon-bakery. It takes keys and nonces from the system; here, from a fixed stream."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from unittest import mock

import nacl.public
import nacl.utils
from macaroonbakery import bakery, checkers

from . import with_pymacaroons
from .construction import Parts
from .token import Token

NAME = "macaroonbakery 1.3.4"


@dataclass(frozen=True)
class Made:
    """A bakery macaroon and the pymacaroons one inside, which is bound or not."""

    wrapped: bakery.Macaroon
    bound: bool = False
    producer: str = NAME

    @property
    def parts(self) -> Parts:
        return with_pymacaroons.parts(self.wrapped.macaroon)

    @property
    def forms(self) -> dict[str, str]:
        forms = with_pymacaroons.forms(self.wrapped.macaroon)
        return forms if self.bound else forms | {"bakery": self.wrapped.serialize_json()}

    def bound_to(self, root: Token) -> "Made":
        assert isinstance(root, Made), "the bakery binds to its own"
        copy = self.wrapped.copy()
        copy._macaroon = root.wrapped.macaroon.prepare_for_request(self.wrapped.macaroon)
        return Made(copy, bound=True)


@contextmanager
def fixed_chance(seed: str) -> Iterator[None]:
    """Both sources of chance give SHA-256 of the seed and a counter instead."""
    count = 0

    def stream(size: int = 32) -> bytes:
        nonlocal count
        blocks = b""
        while len(blocks) < size:
            count += 1
            blocks += sha256(f"{seed} {count}".encode()).digest()
        return blocks[:size]

    with mock.patch.object(os, "urandom", stream), mock.patch.object(nacl.utils, "random", stream):
        yield


class Answers(bakery.ThirdPartyCaveatChecker):  # type: ignore[misc]
    """A discharger that agrees to everything and adds caveats."""

    def __init__(self, caveats: list[checkers.Caveat]) -> None:
        self._caveats = caveats

    def check_third_party_caveat(self, ctx: object, info: object) -> list[checkers.Caveat]:
        return self._caveats


def private_key(seed: str) -> bakery.PrivateKey:
    return bakery.PrivateKey(nacl.public.PrivateKey(sha256(seed.encode()).digest()))


def locator(version: int, **keys: bakery.PrivateKey) -> bakery.ThirdPartyStore:
    """Knows https://NAME.example for each name."""
    store = bakery.ThirdPartyStore()
    for name, key in keys.items():
        info = bakery.ThirdPartyInfo(public_key=key.public_key, version=version)
        store.add_info(f"https://{name}.example", info)
    return store


def discharge(
    root: bakery.Macaroon,
    which: int,
    key: bakery.PrivateKey,
    caveats: list[checkers.Caveat],
    known: bakery.ThirdPartyStore,
) -> bakery.Macaroon:
    """What the third party answers to the third-party caveat at `which` of all third-party caveats."""
    caveat_id = bytes(root.third_party_caveats()[which].caveat_id_bytes)
    payload = root.caveat_data.get(caveat_id)
    return bakery.discharge(checkers.AuthContext(), caveat_id, payload, key, Answers(caveats), known)
