"""Owns checking an assertion's signature with OpenSSL, by way of Python's cryptography: by nobody's code of ours or snapd's.

RFC 4880 describes the packets; snapd puts the byte 1 in front of each.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA512

from assertion import Assertion


def verify(assertion: Assertion, public_key: str) -> None:
    """Raises cryptography's InvalidSignature unless the key has signed it; the key as in an account-key's body."""
    content = assertion.text.rpartition("\n\n")[0]
    packet = _body(assertion.signature)
    # Version 4, of a binary document, RSA, SHA-512.
    assert packet[:4] == bytes([4, 0, 1, 10])
    hashed = packet[: 6 + _number(packet[4:6])]
    rest = packet[len(hashed) :]
    rest = rest[2 + _number(rest[:2]) :]
    digest = hashlib.sha512(content.encode() + hashed + b"\x04\xff" + len(hashed).to_bytes(4, "big")).digest()
    # Two bytes of the digest stand before the signature, as a hint.
    (value,) = _integers(rest[2:])
    key = _body(public_key)
    # Version 4, a moment, RSA.
    assert key[0] == 4 and key[5] == 1
    modulus, exponent = (_number(integer) for integer in _integers(key[6:]))
    size = (modulus.bit_length() + 7) // 8
    RSAPublicNumbers(exponent, modulus).public_key().verify(
        value.rjust(size, b"\0"), digest, PKCS1v15(), Prehashed(SHA512())
    )


def _body(text: str) -> bytes:
    """What is in a packet with a header of the new form."""
    raw = base64.b64decode(text)
    assert raw[0] == 1 and raw[1] & 0xC0 == 0xC0
    first = raw[2]
    if first < 192:
        length, body = first, raw[3:]
    else:
        assert first < 224, "no packet here is as long as that"
        length, body = (first - 192 << 8) + raw[3] + 192, raw[4:]
    assert len(body) == length
    return body


def _integers(raw: bytes) -> list[bytes]:
    """Integers one after another, each after its length in bits."""
    integers = []
    while raw:
        length = (_number(raw[:2]) + 7) // 8
        integers.append(raw[2 : 2 + length])
        assert len(integers[-1]) == length
        raw = raw[2 + length :]
    return integers


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
