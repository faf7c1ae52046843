"""The construction in plain HMAC, which every expectation is computed from. Knows no macaroon library.

The one thing not written out here is NaCl's secretbox, which comes from PyNaCl.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from nacl.secret import SecretBox

ZERO_NONCE = bytes(24)


@dataclass(frozen=True)
class Caveat:
    """As it is on the wire. Without a vid it is first-party; without a location, V2 leaves the field out."""

    id: bytes
    vid: bytes | None = None
    location: bytes | None = None


@dataclass(frozen=True)
class Parts:
    """A macaroon taken apart."""

    location: bytes | None
    identifier: bytes
    caveats: tuple[Caveat, ...]
    signature: bytes

    def changed(self, **parts: object) -> "Parts":
        return replace(self, **parts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ask:
    """A third-party caveat to be added. `nonce` is for the libraries that let one choose."""

    location: str
    id: bytes
    key: bytes
    nonce: bytes = ZERO_NONCE


@dataclass(frozen=True)
class Recipe:
    """What to mint, for any of the libraries."""

    key: bytes
    location: str
    identifier: bytes
    caveats: tuple["bytes | Ask", ...] = ()


def h(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, sha256).digest()


def h2(key: bytes, first: bytes, second: bytes) -> bytes:
    return h(key, h(key, first) + h(key, second))


def derive(raw_key: bytes) -> bytes:
    return h(b"macaroons-key-generator", raw_key)


def seal(tail: bytes, raw_key: bytes, nonce: bytes) -> bytes:
    return bytes(SecretBox(tail).encrypt(derive(raw_key), nonce))


def opened(tail: bytes, vid: bytes) -> bytes:
    """The derived key in a vid."""
    return SecretBox(tail).decrypt(vid)


def bound(root_signature: bytes, signature: bytes) -> bytes:
    return h2(bytes(32), root_signature, signature)


def tails(derived_key: bytes, identifier: bytes, caveats: Iterable[Caveat]) -> list[bytes]:
    """The signature after the identifier and after each caveat."""
    found = [h(derived_key, identifier)]
    for caveat in caveats:
        last = found[-1]
        found.append(h(last, caveat.id) if caveat.vid is None else h2(last, caveat.vid, caveat.id))
    return found


def cook(recipe: Recipe) -> Parts:
    """Mints without any library."""
    caveats: list[Caveat] = []
    for step in recipe.caveats:
        if isinstance(step, bytes):
            caveats.append(Caveat(step))
            continue
        tail = tails(derive(recipe.key), recipe.identifier, caveats)[-1]
        caveats.append(Caveat(step.id, seal(tail, step.key, step.nonce), step.location.encode()))
    signature = tails(derive(recipe.key), recipe.identifier, caveats)[-1]
    return Parts(recipe.location.encode(), recipe.identifier, tuple(caveats), signature)


def all_tails(raw_key: bytes, root: Parts, discharges: list[Parts]) -> list[list[bytes]]:
    """The tails of a root and of each discharge of a credential that holds. Fails loudly if it does not."""
    known = {id(root): tails(derive(raw_key), root.identifier, root.caveats)}
    assert known[id(root)][-1] == root.signature, "the root's signature"
    waiting = [root]
    while waiting:
        macaroon = waiting.pop()
        for caveat, tail in zip(macaroon.caveats, known[id(macaroon)]):
            if caveat.vid is None:
                continue
            (answer,) = [one for one in discharges if one.identifier == caveat.id]
            chain = tails(opened(tail, caveat.vid), answer.identifier, answer.caveats)
            assert bound(root.signature, chain[-1]) == answer.signature, "a discharge's signature"
            known[id(answer)] = chain
            waiting.append(answer)
    return [known[id(macaroon)] for macaroon in [root, *discharges]]
