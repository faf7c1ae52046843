"""Vectors of V1 that is not: every packet cut short, out of order, doubled, mis-measured, or with the wrong data."""

import pymacaroons

from . import with_pymacaroons
from .broken import MAX_BYTES, broken
from .construction import Recipe
from .document import Vectors
from .macaroons import P
from .material import ACL, KEY, STORE, ask, root
from .token import BY_HAND
from .wire import base64, packet, v1_pieces

FROM_PYMACAROONS = f"{with_pymacaroons.NAME}, changed by {BY_HAND}"
MADE = P(root(ACL, ask()))
PACKETS = v1_pieces(MADE.parts)
assert base64(b"".join(PACKETS)) == MADE.forms["v1"]
LOCATION, IDENTIFIER, CID, THIRD, VID, CL, SIGNATURE = PACKETS
HEAD, CAVEATS = [LOCATION, IDENTIFIER], [CID, THIRD, VID, CL]
NAMES = ["location", "identifier", "cid", "third_party_cid", "vid", "cl", "signature"]
SIGNED = MADE.parts.signature


def add(vectors: Vectors) -> None:
    def vector(name: str, description: str, pieces: list[bytes], error: str, piece: "int | None" = None) -> None:
        broken(vectors, f"v1_{name}", description, pieces, error, piece, FROM_PYMACAROONS)

    def changed(index: int, other: bytes) -> list[bytes]:
        return [*PACKETS[:index], other, *PACKETS[index + 1 :]]

    for index, name in enumerate(NAMES):
        whole = PACKETS[index]
        vector(
            f"truncated_in_{name}",
            f"Ends inside the {name} packet.",
            [*PACKETS[:index], whole[: len(whole) // 2]],
            "Truncated",
            index,
        )
        vector(
            f"no_line_feed_after_{name}",
            f"The {name} packet ends in another byte.",
            changed(index, whole[:-1] + b"x"),
            "Length",
            index,
        )
    for index, name in enumerate(NAMES[:-1]):
        vector(f"ends_after_{name}", f"Ends after the {name} packet.", PACKETS[: index + 1], "Truncated", index + 1)
    vector("truncated_in_length", "Ends inside a length.", [*HEAD, CID, THIRD[:3]], "Truncated", 3)
    vector("last_line_feed_missing", "All but the last line feed.", [*PACKETS[:-1], SIGNATURE[:-1]], "Truncated", 6)
    vector("length_only", "A length and nothing else.", [b"0020"], "Truncated", 0)

    add_lengths(vectors)
    add_order(vectors)
    add_data(vectors)
    add_limits(vectors)


def add_lengths(vectors: Vectors) -> None:
    def vector(name: str, description: str, length: bytes, index: int = 2) -> None:
        other = length + PACKETS[index][4:]
        pieces = [*PACKETS[:index], other, *PACKETS[index + 1 :]]
        broken(vectors, f"v1_length_{name}", description, pieces, "Length", index, FROM_PYMACAROONS)

    size = len(CID)
    vector("upper_case", "Hex digits in upper case, of the right value.", b"002F", 6)
    vector("upper_case_in_identifier", "A hex digit in upper case before the identifier.", IDENTIFIER[:4].upper(), 1)
    vector("with_sign", "A plus sign, which some parsers of numbers take.", b"+%03x" % size)
    vector("with_minus_sign", "A minus sign.", b"-%03x" % size)
    vector("with_prefix", "0x before the digits.", b"0x%02x" % size)
    vector("with_space", "A space before the digits.", b" %03x" % size)
    vector("with_underscore", "An underscore between the digits.", b"0_%02x" % size)
    vector("not_hex", "Letters beyond f.", b"00zz")
    vector("zero", "A length of 0.", b"0000")
    vector("of_itself", "A length of 4, which is that of the length alone.", b"0004")
    vector("of_five", "A length of 5, with room for nothing but a line feed.", b"0005")
    vector("one_too_short", "A byte too short, so that the line feed is left over.", b"%04x" % (size - 1))
    vector("one_too_long", "A byte too long, into the next packet.", b"%04x" % (size + 1))
    for name, length in (("far_too_long", b"ffff"), ("into_nothing", b"0%03x" % 0xFFF)):
        pieces = [*PACKETS[:2], length + CID[4:], *PACKETS[3:]]
        broken(vectors, f"v1_length_{name}", "Longer than what is left.", pieces, "Truncated", 2, FROM_PYMACAROONS)
    counted = with_pymacaroons.mint(Recipe(KEY, "bücher.example", b"i"), pymacaroons.MACAROON_V1).serialize()
    vectors.add(
        "v1_length_of_location_in_characters",
        "pymacaroons counts characters, not bytes, in a location beyond ASCII.",
        with_pymacaroons.NAME,
        "Length at 0",
        text=counted,
    )
    counted = with_pymacaroons.mint(Recipe(KEY, STORE, "ключ".encode()), pymacaroons.MACAROON_V1).serialize()
    vectors.add(
        "v1_length_of_identifier_in_characters",
        "pymacaroons counts characters, not bytes, in an identifier beyond ASCII.",
        with_pymacaroons.NAME,
        f"Length at {len(LOCATION)}",
        text=counted,
    )


def add_order(vectors: Vectors) -> None:
    for name, description, pieces, piece in [
        ("two_locations", "The location stands twice.", [LOCATION, LOCATION, IDENTIFIER, *CAVEATS, SIGNATURE], 1),
        ("two_identifiers", "The identifier stands twice.", [*HEAD, IDENTIFIER, *CAVEATS, SIGNATURE], 2),
        (
            "two_different_identifiers",
            "Two identifiers, of which others take the last.",
            [*HEAD, packet("identifier", b"other"), *CAVEATS, SIGNATURE],
            2,
        ),
        ("two_vids", "A vid stands twice.", [*HEAD, THIRD, VID, VID, CL, SIGNATURE], 4),
        ("two_cls", "A third-party location stands twice.", [*HEAD, THIRD, VID, CL, CL, SIGNATURE], 5),
        ("no_location", "Begins with the identifier.", [IDENTIFIER, *CAVEATS, SIGNATURE], 0),
        ("no_identifier", "Caveats follow the location.", [LOCATION, *CAVEATS, SIGNATURE], 1),
        ("no_identifier_no_caveats", "The signature follows the location.", [LOCATION, SIGNATURE], 1),
        ("identifier_before_location", "The identifier comes first.", [IDENTIFIER, LOCATION, *CAVEATS, SIGNATURE], 0),
        (
            "caveat_before_identifier",
            "A caveat comes before the identifier.",
            [LOCATION, CID, IDENTIFIER, SIGNATURE],
            1,
        ),
        ("signature_first", "The signature comes first.", [SIGNATURE, *HEAD, *CAVEATS], 0),
        ("vid_before_cid", "A vid comes before its caveat.", [*HEAD, VID, THIRD, CL, SIGNATURE], 2),
        ("cl_before_vid", "A third-party location comes before the vid.", [*HEAD, THIRD, CL, VID, SIGNATURE], 3),
        ("vid_without_cl", "A vid without a location.", [*HEAD, THIRD, VID, SIGNATURE], 4),
        ("cl_without_vid", "A third-party location without a vid.", [*HEAD, THIRD, CL, SIGNATURE], 3),
        ("location_after_caveat", "A second location after a caveat.", [*HEAD, CID, LOCATION, SIGNATURE], 3),
        ("unknown_key", "A packet with a key that is not known.", [*HEAD, packet("cex", b"data"), SIGNATURE], 2),
        ("key_in_capitals", "A key in upper case.", [*HEAD, packet("CID", b"data"), SIGNATURE], 2),
        ("key_longer", "A key that begins like a known one.", [*HEAD, packet("cidx", b"data"), SIGNATURE], 2),
        ("key_shorter", "A key that is the beginning of a known one.", [*HEAD, packet("ci", b"data"), SIGNATURE], 2),
        ("key_empty", "A packet without a key.", [*HEAD, packet("", b"data"), SIGNATURE], 2),
        ("tab_after_key", "A tab where the space should be.", [*HEAD, CID.replace(b"cid ", b"cid\t"), SIGNATURE], 2),
        ("no_space_after_key", "A key and the line feed.", [*HEAD, b"0008cid\n", SIGNATURE], 2),
    ]:
        broken(vectors, f"v1_{name}", description, pieces, "Field", piece, FROM_PYMACAROONS)
    for name, description, after in [
        ("line_feed", "A line feed after the signature.", b"\n"),
        ("zero_byte", "A zero byte after the signature.", b"\0"),
        ("caveat", "A caveat after the signature, which others drop.", CID),
        ("signature", "A second signature.", SIGNATURE),
        ("macaroon", "A whole macaroon after the signature.", b"".join(PACKETS)),
    ]:
        broken(vectors, f"v1_trailing_{name}", description, [*PACKETS, after], "Trailing", 7, FROM_PYMACAROONS)


def add_data(vectors: Vectors) -> None:
    for name, description, other in [
        ("of_31_bytes", "A signature that is a byte short.", SIGNED[:-1]),
        ("of_33_bytes", "A signature with a byte more.", SIGNED + b"\0"),
        ("empty", "An empty signature.", b""),
        ("in_hex", "A signature written in hex digits.", SIGNED.hex().encode()),
    ]:
        pieces = [*HEAD, *CAVEATS, packet("signature", other)]
        broken(vectors, f"v1_signature_{name}", description, pieces, "Signature", 6, FROM_PYMACAROONS)
    bad = b"\xff\xfe"
    for name, pieces, piece in [
        ("location", [packet("location", bad), IDENTIFIER, SIGNATURE], 0),
        ("identifier", [LOCATION, packet("identifier", bad), SIGNATURE], 1),
        ("cid", [*HEAD, packet("cid", bad), SIGNATURE], 2),
        ("third_party_cid", [*HEAD, packet("cid", bad), VID, CL, SIGNATURE], 2),
        ("cl", [*HEAD, THIRD, VID, packet("cl", bad), SIGNATURE], 4),
        ("cid_overlong", [*HEAD, packet("cid", b"\xc0\xaf"), SIGNATURE], 2),
        ("cid_surrogate", [*HEAD, packet("cid", b"\xed\xa0\x80"), SIGNATURE], 2),
        ("cid_cut", [*HEAD, packet("cid", "é".encode()[:1]), SIGNATURE], 2),
    ]:
        broken(
            vectors,
            f"v1_not_text_{name}",
            "V1 holds text, and this is not UTF-8.",
            pieces,
            "NotText",
            piece,
            FROM_PYMACAROONS,
        )


def add_limits(vectors: Vectors) -> None:
    many = [*HEAD, *[packet("cid", b"")] * 257, SIGNATURE]
    broken(vectors, "v1_caveats_257", "One caveat more than allowed.", many, "TooManyCaveats")
    rest = MAX_BYTES + 1 - len(b"".join([*HEAD, packet("cid", b""), SIGNATURE]))
    long = [*HEAD, packet("cid", b"c" * rest), SIGNATURE]
    broken(vectors, "v1_one_byte_too_long", "32,769 bytes, one more than allowed.", long, "TooLong")
    longest = packet("cid", b"c" * 65_526)
    assert longest.startswith(b"ffff")
    broken(
        vectors,
        "v1_longest_packet",
        "A packet of 65,535 bytes, the most that V1 can hold.",
        [*HEAD, longest, SIGNATURE],
        "TooLong",
    )
    rest = MAX_BYTES - len(b"".join([*PACKETS]))
    broken(
        vectors,
        "v1_trailing_to_the_limit",
        "Zero bytes after the signature, up to the limit.",
        [*PACKETS, bytes(rest)],
        "Trailing",
        7,
        FROM_PYMACAROONS,
    )
