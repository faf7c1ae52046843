"""A well-formed macaroon put together wrongly, with the offset of what is wrong."""

from .document import Json, Vectors, folded
from .token import BY_HAND
from .wire import base64

MAX_BYTES = 32 * 1024


def broken(
    vectors: Vectors,
    name: str,
    description: str,
    pieces: list[bytes],
    error: str,
    piece: int | None = None,
    producer: str = BY_HAND,
    plus: int = 0,
) -> None:
    """`piece` is the index of the field that the error names; the offset is that field's, and `plus` bytes on."""
    at = "" if piece is None else f" at {len(b''.join(pieces[:piece])) + plus}"
    text: Json = folded(base64(b"".join(pieces)))
    vectors.add(name, description, producer, error + at, text=text)
