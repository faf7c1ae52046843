"""Owns reading an assertion as snapd writes it: headers, a body, a signature. Checks nothing."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Assertion:
    """One assertion: its whole text, and what is in it. Of its headers, those of one line."""

    text: str
    headers: dict[str, str]
    body: str
    signature: str

    @classmethod
    def read(cls, text: str) -> "Assertion":
        content, signature = text.rsplit("\n\n", 1)
        head, _, body = content.partition("\n\n")
        headers = dict(line.split(": ", 1) for line in head.split("\n") if not line.startswith(" ") and ": " in line)
        return cls(text, headers, body, signature)

    @property
    def signed_by(self) -> str:
        """The id of the key that has signed it, by its own word."""
        return self.headers["sign-key-sha3-384"]


def key_id(public_key: str) -> str:
    """The id of a public key that an assertion's body holds."""
    return _digest(base64.b64decode(public_key))


def file_digest(file: Path) -> str:
    """A file's SHA3-384, as assertions write it."""
    return _digest(file.read_bytes())


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha3_384(content).digest()).decode()
