"""A macaroon as some producer made it: its parts and its serialisations."""

from dataclasses import dataclass
from typing import Protocol

from . import wire
from .construction import Parts, Recipe, bound, cook

BY_HAND = "this generator"


class Token(Protocol):
    """What a vector is written from. `forms` maps v1, v2, v1json, v2json and bakery to text."""

    @property
    def producer(self) -> str: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def forms(self) -> dict[str, str]: ...
    def bound_to(self, root: "Token") -> "Token":
        """The producer's own binding."""
        ...


@dataclass(frozen=True)
class ByHand:
    """Written by this generator, as it stands: for what no library makes, and for forgeries."""

    parts: Parts
    producer: str = BY_HAND

    @property
    def forms(self) -> dict[str, str]:
        forms = {"v2": wire.base64(wire.v2(self.parts))}
        if wire.is_text(self.parts):
            forms["v1"] = wire.base64(wire.v1(self.parts))
        return forms

    def bound_to(self, root: Token) -> "ByHand":
        signature = bound(root.parts.signature, self.parts.signature)
        return ByHand(self.parts.changed(signature=signature), self.producer)


def by_hand(recipe: Recipe) -> ByHand:
    return ByHand(cook(recipe))


def forged(token: Token, **parts: object) -> ByHand:
    """The same with other parts; the signature stays unless it is given."""
    return ByHand(token.parts.changed(**parts), f"{token.producer}, changed by {BY_HAND}")
