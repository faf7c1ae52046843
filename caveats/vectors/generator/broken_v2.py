"""Vectors of V2 that is not: fields cut short, out of order, doubled, unknown, or with lengths in another form."""

from . import wire, with_pymacaroons
from .broken import MAX_BYTES, broken
from .construction import cook
from .document import Vectors
from .macaroons import P
from .material import ACL, ask, root
from .token import BY_HAND
from .wire import EOS, base64, field, v2_pieces

FROM_PYMACAROONS = f"{with_pymacaroons.NAME}, changed by {BY_HAND}"
MADE = P(root(ACL, ask()))
FIELDS = v2_pieces(MADE.parts)
assert base64(b"".join(FIELDS)) == MADE.forms["v2"]
VERSION, LOCATION, IDENTIFIER, _, CAVEAT, _, THIRD_LOCATION, THIRD, VID, _, _, SIGNATURE = FIELDS
HEAD, FIRST, SECOND = [VERSION, LOCATION, IDENTIFIER, EOS], [CAVEAT, EOS], [THIRD_LOCATION, THIRD, VID, EOS]
END = [EOS, SIGNATURE]
PLACES = {
    "location": 1,
    "identifier": 2,
    "caveat": 4,
    "third_party_location": 6,
    "third_party_id": 7,
    "vid": 8,
    "signature": 11,
}


def add(vectors: Vectors) -> None:
    def vector(name: str, description: str, pieces: list[bytes], error: str, piece: "int | None" = None) -> None:
        broken(vectors, f"v2_{name}", description, pieces, error, piece, FROM_PYMACAROONS)

    for name, index in PLACES.items():
        whole = FIELDS[index]
        vector(
            f"truncated_in_{name}",
            f"Ends inside the {name}.",
            [*FIELDS[:index], whole[: len(whole) // 2]],
            "Truncated",
            index,
        )
        vector(
            f"truncated_before_length_of_{name}",
            f"Ends after the type of the {name}.",
            [*FIELDS[:index], whole[:1]],
            "Truncated",
            index,
        )
        vector(f"ends_before_{name}", f"Ends before the {name}.", FIELDS[:index], "Truncated", index)
    for name, index in (("header", 3), ("first_party_caveat", 5), ("third_party_caveat", 9), ("caveats", 10)):
        vector(
            f"ends_before_end_of_{name}",
            f"Ends where the end of the {name} should be.",
            FIELDS[:index],
            "Truncated",
            index,
        )
    vector("truncated_in_varint", "Ends inside a length of two bytes.", [*HEAD, b"\x02\x80"], "Truncated", 4)
    vector("version_only", "The version and nothing else.", [VERSION], "Truncated", 1)
    add_order(vectors)
    add_lengths(vectors)
    add_data(vectors)
    add_limits(vectors)


def add_order(vectors: Vectors) -> None:
    for name, description, pieces, piece in [
        ("two_locations", "The location stands twice.", [VERSION, LOCATION, LOCATION, IDENTIFIER, EOS, *END], 2),
        ("two_identifiers", "The identifier stands twice.", [VERSION, LOCATION, IDENTIFIER, IDENTIFIER, EOS, *END], 3),
        (
            "identifier_before_location",
            "The identifier comes before the location.",
            [VERSION, IDENTIFIER, LOCATION, EOS, *END],
            2,
        ),
        ("no_identifier", "No identifier.", [VERSION, LOCATION, EOS, *END], 2),
        ("empty_header", "A header without fields.", [VERSION, EOS, *END], 1),
        ("vid_in_header", "A vid in the header.", [VERSION, LOCATION, IDENTIFIER, VID, EOS, *END], 3),
        (
            "signature_in_header",
            "The signature in the header.",
            [VERSION, LOCATION, IDENTIFIER, SIGNATURE, EOS, EOS],
            3,
        ),
        (
            "header_not_ended",
            "The header goes on into a caveat.",
            [VERSION, LOCATION, IDENTIFIER, CAVEAT, EOS, *END],
            3,
        ),
        (
            "first_party_with_location",
            "A first-party caveat with a location.",
            [*HEAD, THIRD_LOCATION, CAVEAT, EOS, *END],
            6,
        ),
        (
            "third_party_location_after_id",
            "A third-party caveat's location comes after its id.",
            [*HEAD, THIRD, THIRD_LOCATION, VID, EOS, *END],
            5,
        ),
        ("vid_before_id", "A vid comes before its caveat's id.", [*HEAD, VID, THIRD, EOS, *END], 4),
        ("vid_without_id", "A caveat of a location and a vid.", [*HEAD, THIRD_LOCATION, VID, EOS, *END], 5),
        ("two_vids", "A vid stands twice.", [*HEAD, THIRD_LOCATION, THIRD, VID, VID, EOS, *END], 7),
        (
            "two_third_party_locations",
            "A third-party location stands twice.",
            [*HEAD, THIRD_LOCATION, THIRD_LOCATION, THIRD, VID, EOS, *END],
            5,
        ),
        ("two_caveat_ids", "A caveat with two ids.", [*HEAD, CAVEAT, CAVEAT, EOS, *END], 5),
        ("caveats_not_ended", "The signature comes where a caveat may still.", [*HEAD, *FIRST, SIGNATURE], 6),
        ("caveats_ended_twice", "An end of section too many.", [*HEAD, *FIRST, EOS, *END], 7),
        ("no_signature", "The caveats' end, and another field.", [*HEAD, *FIRST, EOS, CAVEAT], 7),
        ("unknown_type_in_header", "A field of type 3.", [VERSION, LOCATION, IDENTIFIER, field(3, b"x"), EOS, *END], 3),
        ("unknown_type_first", "The header begins with a field of type 3.", [VERSION, field(3, b"x"), EOS, *END], 1),
        ("unknown_type_in_caveat", "A caveat with a field of type 5.", [*HEAD, CAVEAT, field(5, b"x"), EOS, *END], 5),
        (
            "unknown_type_for_signature",
            "A field of type 7 in place of the signature.",
            [*HEAD, EOS, field(7, bytes(32))],
            5,
        ),
        (
            "type_in_two_bytes",
            "A type of 2, as a varint of two bytes.",
            [VERSION, LOCATION, b"\x82\0\1i", EOS, *END],
            2,
        ),
        ("large_type", "A field of type 300.", [*HEAD, CAVEAT, field(300, b"x"), EOS, *END], 5),
        ("v1_inside", "V1 after the version of V2.", [VERSION, b"0010identifier \n"], 1),
    ]:
        broken(vectors, f"v2_{name}", description, pieces, "Field", piece, FROM_PYMACAROONS)
    for name, description, after in [
        ("zero_byte", "A zero byte after the signature.", b"\0"),
        ("line_feed", "A line feed after the signature.", b"\n"),
        ("caveat", "A caveat after the signature.", CAVEAT + EOS),
        ("signature", "A second signature.", SIGNATURE),
        ("macaroon", "A whole macaroon after the signature.", b"".join(FIELDS)),
    ]:
        broken(vectors, f"v2_trailing_{name}", description, [*FIELDS, after], "Trailing", 12, FROM_PYMACAROONS)


def add_lengths(vectors: Vectors) -> None:
    for name, description, length in [
        ("in_two_bytes", "A length of 1 in two bytes, which is not the shortest form.", b"\x81\0"),
        ("in_three_bytes", "A length of 1 in three bytes.", b"\x81\x80\0"),
        ("zero_in_two_bytes", "A length of 0 in two bytes.", b"\x80\0"),
        ("in_four_bytes", "A length of 2 MiB, which takes four bytes.", wire.varint(1 << 21)),
        ("of_64_bits", "The largest length of 64 bits.", wire.varint((1 << 64) - 1)),
        ("without_end", "A length that goes on for ever.", b"\xff" * 40),
    ]:
        pieces = [*HEAD, b"\x02" + length + b"x", EOS, *END]
        broken(vectors, f"v2_length_{name}", description, pieces, "Length", 4, FROM_PYMACAROONS, plus=1)
    three = [*HEAD, b"\x02" + wire.varint((1 << 21) - 1) + b"x", EOS, *END]
    broken(
        vectors,
        "v2_length_in_largest_three_bytes",
        "A length of 2 MiB less one.",
        three,
        "Truncated",
        4,
        FROM_PYMACAROONS,
    )
    beyond = [*FIELDS[:-1], b"\x06\x21" + SIGNATURE[2:]]
    broken(
        vectors,
        "v2_length_one_beyond_the_end",
        "A signature whose length is a byte more than what is left.",
        beyond,
        "Truncated",
        11,
        FROM_PYMACAROONS,
    )


def add_data(vectors: Vectors) -> None:
    signature = MADE.parts.signature
    for name, description, other in [
        ("of_31_bytes", "A signature that is a byte short.", signature[:-1]),
        ("of_33_bytes", "A signature with a byte more.", signature + b"\0"),
        ("empty", "An empty signature.", b""),
    ]:
        pieces = [*FIELDS[:-1], field(wire.SIGNATURE, other)]
        broken(vectors, f"v2_signature_{name}", description, pieces, "Signature", 11, FROM_PYMACAROONS)
    bad = field(wire.LOCATION, b"\xff\xfe")
    location = [VERSION, bad, IDENTIFIER, EOS, *END]
    broken(vectors, "v2_not_text_location", "A location that is not UTF-8.", location, "NotText", 1, FROM_PYMACAROONS)
    third = [*HEAD, bad, THIRD, VID, EOS, *END]
    broken(
        vectors,
        "v2_not_text_third_party_location",
        "A third-party location that is not UTF-8.",
        third,
        "NotText",
        4,
        FROM_PYMACAROONS,
    )


def add_limits(vectors: Vectors) -> None:
    many = [*HEAD, *[field(wire.IDENTIFIER, b""), EOS] * 257, *END]
    broken(vectors, "v2_caveats_257", "One caveat more than allowed.", many, "TooManyCaveats")
    bare = cook(root(b""))
    rest = MAX_BYTES - len(wire.v1(bare)) + 1
    long = v2_pieces(cook(root(b"c" * rest)))
    assert len(b"".join(long)) < MAX_BYTES
    broken(vectors, "v2_too_long_as_v1", "Short enough as it stands, but a byte too long in V1.", long, "TooLong")
    long = v2_pieces(cook(root(b"c" * MAX_BYTES)))
    broken(vectors, "v2_too_long", "Longer than allowed.", long, "TooLong")
