"""Vectors of one macaroon that verifies on its own: every part, empty, odd and large, by each library that can."""

from collections.abc import Callable

from . import wire, with_libmacaroons, with_pymacaroons
from .construction import Recipe, cook
from .document import Vectors
from .material import KEY, STORE, root
from .token import ByHand, Token, by_hand

MAX_BYTES = 32 * 1024
Make = Callable[[Recipe], Token]
P: Make = with_pymacaroons.make
L: Make = with_libmacaroons.make
H: Make = by_hand
SUFFIX: dict[Make, str] = {P: "pymacaroons", L: "libmacaroons", H: "by_hand"}


def add(vectors: Vectors) -> None:
    for name, description, recipe, makers in [*plain(), *odd(), *keys(), *large()]:
        for make in makers:
            vectors.credential(f"{name}_{SUFFIX[make]}", description, recipe.key, make(recipe))
    for name, description, token in as_go_writes():
        vectors.credential(name, description, KEY, token)


Case = tuple[str, str, Recipe, tuple[Make, ...]]


def plain() -> list[Case]:
    readme_key = b"this is our super secret key; only we should know it"
    readme = Recipe(readme_key, "http://mybank/", b"we used our secret key", ())
    readme_caveat = Recipe(readme_key, "http://mybank/", b"we used our secret key", (b"test = caveat",))
    store = [
        "valid_since|2026-11-23T08:00:00.000001",
        'acl|["package_access", "package_push", "package_release"]',
        'channel|["edge", "2.*/stable"]',
        'package_id|["JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX"]',
        "expires|2027-05-20T20:30:22.896621",
    ]
    five = tuple(f"{STORE}|{caveat}".encode() for caveat in store)
    return [
        ("no_caveats", "A macaroon without caveats.", root(), (P, L)),
        ("one_caveat", "One first-party caveat.", root(b"a = b"), (P, L)),
        ("two_caveats", "Two first-party caveats, in this order.", root(b"a = b", b"c = d"), (P, L)),
        ("one_caveat_twice", "The same first-party caveat twice.", root(b"a = b", b"a = b"), (P, L)),
        ("readme_no_caveats", "The first example of libmacaroons' README.", readme, (P, L)),
        ("readme_one_caveat", "The README's example with its caveat.", readme_caveat, (P, L)),
        ("store_caveats", "The caveats that the store puts into a root.", root(*five), (P, L)),
    ]


def odd() -> list[Case]:
    packet_like = b"0009cid \n0010identifier \n002fsignature " + b"A" * 32
    return [
        ("empty_location", "An empty location, which V1 and V2 write.", root(b"a", location=""), (P, L)),
        ("empty_identifier", "An empty identifier.", root(b"a", identifier=b""), (P, L)),
        ("empty_caveat", "A first-party caveat without text.", root(b"a", b"", b"b"), (P, L)),
        ("all_empty", "Empty location, identifier and caveat.", root(b"", identifier=b"", location=""), (P, L)),
        ("utf8_location", "A location beyond ASCII.", root(b"a", location="bücher.example/日本"), (P, L)),
        ("utf8_identifier", "An identifier beyond ASCII.", root(identifier="ключ-🔑-é".encode()), (P, L)),
        ("utf8_caveat", "A caveat beyond ASCII.", root("größer ≥ 1 𝄞".encode()), (P, L)),
        (
            "nul_bytes",
            "Zero bytes in identifier and caveat, which are text.",
            root(b"\0", identifier=b"a\0b\0"),
            (P, L),
        ),
        (
            "line_feeds",
            "Line feeds at the ends and inside, as V1 ends its packets.",
            root(b"\n", b"a\nb\n", identifier=b"\n\n"),
            (P, L),
        ),
        ("spaces", "Spaces at the ends, as V1 separates by one.", root(b" ", b" a ", identifier=b"  x"), (P, L)),
        (
            "looks_like_packets",
            "Text that looks like packets of V1.",
            root(packet_like, identifier=packet_like),
            (P, L),
        ),
        ("looks_like_fields", "Text that looks like fields of V2.", root(b"\2\1b\0\0\6", identifier=b"\0\0\6"), (P, L)),
        (
            "not_text_identifier",
            "An identifier that is not UTF-8, for V2 alone.",
            root(b"a", identifier=b"\xff\xfe\x80"),
            (P,),
        ),
        ("not_text_caveat", "A caveat that is not UTF-8, for V2 alone.", root(b"a", b"\xc3\x28", b"b"), (H,)),
        ("not_text_surrogate", "A caveat with an encoded surrogate, which is not UTF-8.", root(b"\xed\xa0\x80"), (H,)),
        ("every_byte", "A caveat of all 256 bytes.", root(bytes(range(256))), (H,)),
    ]


def keys() -> list[Case]:
    def keyed(key: bytes) -> Recipe:
        return Recipe(key, STORE, b"keyed", (b"a = b",))

    return [
        ("key_of_one_byte", "A root key of one byte.", keyed(b"k"), (P, L)),
        ("key_empty", "An empty root key. pymacaroons does not sign with one.", keyed(b""), (L,)),
        ("key_of_64_bytes", "A root key as long as a block of SHA-256.", keyed(bytes(range(64))), (P, L)),
        ("key_of_65_bytes", "A root key longer than a block of SHA-256.", keyed(bytes(range(65))), (P, L)),
        ("key_ends_in_zeroes", "A root key that ends in zero bytes, which count.", keyed(b"key" + bytes(29)), (P, L)),
        ("key_not_text", "A root key that is not text.", keyed(bytes(range(128, 160))), (P, L)),
    ]


def large() -> list[Case]:
    many = tuple(f"n = {number}".encode() for number in range(256))
    rest = MAX_BYTES - len(wire.v1(cook(root(b""))))
    return [
        ("identifier_of_30000_bytes", "A large identifier.", root(b"a", identifier=b"i" * 30_000), (P, L)),
        ("location_of_30000_bytes", "A large location.", root(b"a", location="l" * 30_000), (P, L)),
        ("caveat_of_30000_bytes", "A large caveat.", root(b"a", b"c" * 30_000), (P, L)),
        ("longest_macaroon", "32,768 bytes in V1, the most allowed.", root(b"c" * rest), (P, L)),
        ("caveats_256", "256 caveats, the most allowed.", root(*many), (P, L)),
        ("caveats_256_empty", "256 caveats without text.", root(*[b""] * 256), (L,)),
        *[
            (
                f"caveat_of_{size}_bytes",
                "Where V2's varint, or V1's hex length, gets another digit.",
                root(b"v" * size),
                (P,),
            )
            for size in (127, 128, 247, 16_383, 16_384)
        ],
        ("identifier_of_127_bytes", "The longest with a varint of one byte.", root(identifier=b"i" * 127), (P, L)),
        ("identifier_of_128_bytes", "The shortest with a varint of two bytes.", root(identifier=b"i" * 128), (P, L)),
    ]


def as_go_writes() -> list[tuple[str, str, Token]]:
    def without_location(recipe: Recipe) -> Token:
        return ByHand(cook(recipe).changed(location=None))

    bare = root(b"a = b", location="")
    not_text = root(b"\xff", b"\xfe", b"\xff", location="")
    return [
        (
            "v2_no_location_field",
            "V2 without a location, as Go's macaroon.v2 writes an empty one.",
            without_location(bare),
        ),
        ("v2_empty_location_field", "V2 with an empty location, as pymacaroons writes it.", by_hand(bare)),
        (
            "v2_not_text_no_location",
            "V2 without a location, with caveats that are not text.",
            without_location(not_text),
        ),
    ]
