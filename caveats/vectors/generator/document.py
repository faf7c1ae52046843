"""A vector as a JSON file: names, texts and bytes, and the folding of long repetitions."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import with_pymacaroons
from .construction import Parts, all_tails
from .token import Token
from .wire import base64

Json = Any
VERIFIES = "ok"
_HERE = Path(__file__).parent.parent
_REPETITION = re.compile(r"(.{1,16}?)\1{15,}", re.DOTALL)


class Vectors:
    """Collects vectors, then writes them all."""

    def __init__(self) -> None:
        self._files: dict[str, Json] = {}

    def add(self, name: str, description: str, producer: str, verdict: str, **body: Json) -> None:
        """A vector goes to `valid` if its verdict is ok."""
        path = f"{'valid' if verdict == VERIFIES else 'invalid'}/{name}.json"
        assert path not in self._files, path
        self._files[path] = {"description": description, "producer": producer, "verdict": verdict, **body}

    def credential(
        self,
        name: str,
        description: str,
        key: bytes,
        root: Token,
        discharges: Sequence[Token] = (),
        verdict: str = VERIFIES,
        agrees: bool = True,
        **body: Json,
    ) -> None:
        """A root and its bound discharges, to be verified. That pymacaroons agrees is checked here and now."""
        genuine = verdict == VERIFIES or verdict.startswith("refused")
        chains: list[list[bytes] | None] = [None] * (len(discharges) + 1)
        if genuine:
            chains = list(all_tails(key, root.parts, [one.parts for one in discharges]))
        if (
            agrees
            and verdict not in LENIENT
            and all(with_pymacaroons.can_judge(one.parts) for one in [root, *discharges])
        ):
            assert with_pymacaroons.verifies(key, root, discharges) == genuine, f"{name}: pymacaroons disagrees"
        documents = [macaroon(one, chain) for one, chain in zip([root, *discharges], chains)]
        producers = " and ".join(dict.fromkeys(one.producer for one in [root, *discharges]))
        parts = {"key": shown(key), "root": documents[0]}
        if discharges:
            parts["discharges"] = documents[1:]
        self.add(name, description, producers, verdict, **parts, **body)

    def write(self) -> None:
        for folder in ("valid", "invalid"):
            (_HERE / folder).mkdir(exist_ok=True)
            for old in (_HERE / folder).glob("*.json"):
                old.unlink()
        for path, vector in self._files.items():
            text = json.dumps(vector, indent=2, ensure_ascii=False)
            (_HERE / path).write_text(text + "\n", encoding="utf-8")

    def counts(self) -> dict[tuple[str, str], int]:
        """Vectors by folder and producer."""
        found: dict[tuple[str, str], int] = {}
        for path, vector in self._files.items():
            key = (path.split("/")[0], vector["producer"])
            found[key] = found.get(key, 0) + 1
        return found


def macaroon(token: Token, chain: list[bytes] | None = None) -> Json:
    """Serialisations as made, then the parts, then the tails if they are known."""
    document: Json = {name: folded(text) for name, text in sorted(token.forms.items())}
    document |= parts(token.parts)
    if chain is not None:
        document["tails"] = [tail.hex() for tail in chain]
    return document


def parts(read: Parts) -> Json:
    caveats = []
    for caveat in read.caveats:
        shape = {"id": shown(caveat.id)}
        if caveat.vid is not None:
            shape |= {"location": shown(caveat.location or b""), "vid": {"base64": base64(caveat.vid)}}
        caveats.append(shape)
    return {
        "location": shown(read.location or b""),
        "identifier": shown(read.identifier),
        "caveats": caveats,
        "signature": read.signature.hex(),
    }


def shown(data: bytes) -> Json:
    """Text as text, anything else in base64."""
    try:
        return folded(data.decode())
    except UnicodeDecodeError:
        return {"base64": folded(base64(data))}


def folded(text: str) -> Json:
    """The text, or, if much of it repeats, a list of texts and of [text, times]."""
    if len(text) < 400:
        return text
    pieces: list[Json] = []
    end = 0
    for found in _REPETITION.finditer(text):
        if found.start() > end:
            pieces.append(text[end : found.start()])
        pieces.append([found[1], len(found[0]) // len(found[1])])
        end = found.end()
    if end < len(text):
        pieces.append(text[end:])
    return pieces if end else text


# pymacaroons does not mind discharges that are left over, or that come twice, or how many there are.
LENIENT = ("UnusedDischarge", "RepeatedDischarge", "TooManyDischarges")
