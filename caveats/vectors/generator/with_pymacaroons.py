"""Minting with pymacaroons, in both versions at once. The nonce of a third-party caveat can be given."""

from binascii import unhexlify
from collections.abc import Sequence
from dataclasses import dataclass

import pymacaroons
from pymacaroons.serializers import JsonSerializer

from . import wire
from .construction import Ask, Caveat, Parts, Recipe, cook
from .token import Token

NAME = "pymacaroons 0.13.0"


@dataclass(frozen=True)
class Made:
    """The same macaroon in each version that can hold it, V2 last."""

    versions: tuple[pymacaroons.Macaroon, ...]
    producer: str = NAME

    @property
    def parts(self) -> Parts:
        return parts(self.versions[-1])

    @property
    def forms(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for macaroon in self.versions:
            found |= forms(macaroon)
        return found

    def bound_to(self, root: Token) -> "Made":
        assert isinstance(root, Made), "pymacaroons binds to its own"
        bound = (root.versions[-1].prepare_for_request(macaroon) for macaroon in self.versions)
        return Made(tuple(bound), self.producer)


def make(recipe: Recipe) -> Made:
    """In V1 too, unless that can't hold it: its V1 counts characters where the length of a location or identifier in
    bytes belongs, and leaves a third-party caveat's vid out if its location is empty."""
    counts_well = recipe.location.isascii() and recipe.identifier.isascii()
    located = all(step.location for step in recipe.caveats if isinstance(step, Ask))
    text = wire.is_text(cook(recipe)) and counts_well and located
    versions = (pymacaroons.MACAROON_V1, pymacaroons.MACAROON_V2) if text else (pymacaroons.MACAROON_V2,)
    return Made(tuple(mint(recipe, version) for version in versions))


def mint(recipe: Recipe, version: int) -> pymacaroons.Macaroon:
    macaroon = pymacaroons.Macaroon(
        location=recipe.location, identifier=recipe.identifier, key=recipe.key, version=version
    )
    for step in recipe.caveats:
        if isinstance(step, Ask):
            macaroon.add_third_party_caveat(step.location, step.key, step.id, nonce=step.nonce)
        else:
            macaroon.add_first_party_caveat(step)
    return macaroon


def parts(macaroon: pymacaroons.Macaroon) -> Parts:
    def caveat(made: pymacaroons.Caveat) -> Caveat:
        vid = made.verification_key_id
        location = None if made.location is None else made.location.encode()
        return Caveat(bytes(made.caveat_id_bytes), None if vid is None else bytes(vid), location)

    return Parts(
        macaroon.location.encode(),
        bytes(macaroon.identifier_bytes),
        tuple(map(caveat, macaroon.caveats)),
        unhexlify(macaroon.signature_bytes),
    )


def forms(macaroon: pymacaroons.Macaroon) -> dict[str, str]:
    name = "v1" if macaroon.version == pymacaroons.MACAROON_V1 else "v2"
    return {name: macaroon.serialize(), f"{name}json": macaroon.serialize(JsonSerializer())}


def can_judge(read: Parts) -> bool:
    """It takes a first-party caveat for text when it verifies."""
    return wire.is_text(read.changed(identifier=b"", caveats=[one for one in read.caveats if one.vid is None]))


def verifies(key: bytes, root: Token, discharges: Sequence[Token]) -> bool:
    """Its own judgement, reading what any producer wrote. First-party caveats count as satisfied."""
    verifier = pymacaroons.Verifier()
    verifier.satisfy_general(lambda _: True)
    try:
        texts = (one.forms.get("v1", one.forms.get("v2")) for one in [root, *discharges])
        read, *others = map(pymacaroons.Macaroon.deserialize, texts)
        return bool(verifier.verify(read, key, discharge_macaroons=others))
    except Exception:  # whatever it raises, also for a cycle, is a no
        return False
