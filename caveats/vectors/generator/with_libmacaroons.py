"""Minting with libmacaroons, as Debian builds it: V1 only, as its JSON is compiled out.

It asks libsodium for nonces, which lets a program put its own source of chance in place: here, the nonce to be used.
"""

import ctypes
from base64 import urlsafe_b64decode
from dataclasses import dataclass

from . import wire
from .construction import ZERO_NONCE, Ask, Caveat, Parts, Recipe
from .token import Token

NAME = "libmacaroons 0.3.0"

_LIBRARY = ctypes.CDLL("libmacaroons.so.0")
_POINTER, _BYTES, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_THREE_TEXTS = [_BYTES, _SIZE] * 3
_SIGNATURES: dict[str, tuple[type, list[type]]] = {
    "macaroon_create": (_POINTER, [*_THREE_TEXTS, _POINTER]),
    "macaroon_add_first_party_caveat": (_POINTER, [_POINTER, _BYTES, _SIZE, _POINTER]),
    "macaroon_add_third_party_caveat": (_POINTER, [_POINTER, *_THREE_TEXTS, _POINTER]),
    "macaroon_prepare_for_request": (_POINTER, [_POINTER, _POINTER, _POINTER]),
    "macaroon_serialize_size_hint": (_SIZE, [_POINTER]),
    "macaroon_serialize": (ctypes.c_int, [_POINTER, _BYTES, _SIZE, _POINTER]),
}
for _name, (_result, _arguments) in _SIGNATURES.items():
    getattr(_LIBRARY, _name).restype = _result
    getattr(_LIBRARY, _name).argtypes = _arguments

_BUFFER_FUNCTION = ctypes.CFUNCTYPE(None, _POINTER, _SIZE)


class _Chance(ctypes.Structure):
    """libsodium's `randombytes_implementation`; of its six functions only `buf` is called here."""

    _fields_ = [(name, _POINTER) for name in ("name", "random", "stir", "uniform")]
    _fields_ += [("buf", _BUFFER_FUNCTION), ("close", _POINTER)]


_next_nonce = ZERO_NONCE


def _give_nonce(buffer: int, size: int) -> None:
    assert size == len(_next_nonce), size
    ctypes.memmove(buffer, _next_nonce, size)


_CHANCE = _Chance(buf=_BUFFER_FUNCTION(_give_nonce))
ctypes.CDLL("libsodium.so.23").randombytes_set_implementation(ctypes.byref(_CHANCE))


@dataclass(frozen=True)
class Made:
    """A macaroon in the library's memory, which is never freed: the generator ends soon."""

    pointer: int
    producer: str = NAME

    @property
    def forms(self) -> dict[str, str]:
        size = _LIBRARY.macaroon_serialize_size_hint(self.pointer)
        buffer = ctypes.create_string_buffer(size)
        error = ctypes.c_int()
        if _LIBRARY.macaroon_serialize(self.pointer, buffer, size, ctypes.byref(error)) != 0:
            raise RuntimeError(f"macaroon_serialize: error {error.value}")
        return {"v1": buffer.value.decode()}

    @property
    def parts(self) -> Parts:
        text = self.forms["v1"]
        packets = wire.split(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        caveats: list[Caveat] = []
        for key, data in packets[2:-1]:
            if key == "cid":
                caveats.append(Caveat(data))
            elif key == "vid":
                caveats[-1] = Caveat(caveats[-1].id, data)
            else:
                caveats[-1] = Caveat(caveats[-1].id, caveats[-1].vid, data)
        return Parts(packets[0][1], packets[1][1], tuple(caveats), packets[-1][1])

    def bound_to(self, root: Token) -> "Made":
        assert isinstance(root, Made), "libmacaroons binds to its own"
        return Made(_call("macaroon_prepare_for_request", root.pointer, self.pointer))


def make(recipe: Recipe) -> Made:
    global _next_nonce
    pointer = _call("macaroon_create", *_sized(recipe.location.encode(), recipe.key, recipe.identifier))
    for step in recipe.caveats:
        if isinstance(step, Ask):
            _next_nonce = step.nonce
            texts = _sized(step.location.encode(), step.key, step.id)
            pointer = _call("macaroon_add_third_party_caveat", pointer, *texts)
        else:
            pointer = _call("macaroon_add_first_party_caveat", pointer, *_sized(step))
    return Made(pointer)


def _call(function: str, *arguments: object) -> int:
    error = ctypes.c_int()
    pointer = getattr(_LIBRARY, function)(*arguments, ctypes.byref(error))
    if not pointer:
        raise RuntimeError(f"{function}: error {error.value}")
    return int(pointer)


def _sized(*texts: bytes) -> list[object]:
    return [argument for text in texts for argument in (text, len(text))]
