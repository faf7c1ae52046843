"""Vectors of base64 around a macaroon: alphabets, padding, bits left over; and bytes that are in no format."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256

from . import wire
from .construction import cook, derive, tails
from .document import Vectors, folded, macaroon, shown
from .macaroons import P
from .material import ACL, KEY, ask, root
from .token import BY_HAND, Token

MAX_BYTES = 32 * 1024


def add(vectors: Vectors) -> None:
    add_spellings(vectors)
    add_not_base64(vectors)
    add_no_format(vectors)


def of_remainder(remainder: int) -> Token:
    """A macaroon whose V1 leaves this many bytes after the last whole group of three, and uses both odd characters."""
    for number in range(1000):
        made = P(root(b"n = %d" % number + b"." * (number % 3)))
        text = made.forms["v1"]
        if len(wire.v1(made.parts)) % 3 == remainder and "-" in text and "_" in text:
            return made
    raise AssertionError("not found")


def add_spellings(vectors: Vectors) -> None:
    for remainder in (0, 1, 2):
        made = of_remainder(remainder)
        data = wire.v1(made.parts)
        for name, text in [
            ("url_safe_unpadded", made.forms["v1"]),
            ("url_safe_padded", urlsafe_b64encode(data).decode()),
            ("standard_unpadded", b64encode(data).decode().rstrip("=")),
            ("standard_padded", b64encode(data).decode()),
        ]:
            vectors.add(
                f"base64_{name}_{'no one two'.split()[-remainder % 3]}_missing",
                f"V1 in base64, {name.replace('_', ' ')}, with {-remainder % 3} characters of padding due.",
                made.producer,
                "ok",
                key=shown(KEY),
                spelling=text,
                root=macaroon(made, tails(derive(KEY), made.parts.identifier, made.parts.caveats)),
            )


def add_not_base64(vectors: Vectors) -> None:
    full, two_due, one_due = (of_remainder(remainder).forms["v1"] for remainder in (0, 1, 2))
    mixed = full.replace("_", "/", 1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last_plus_one = alphabet[alphabet.index(two_due[-1]) | 1]
    one_due_plus = alphabet[alphabet.index(one_due[-1]) | 1]
    for name, description, text in [
        ("both_alphabets", "A character of each alphabet.", mixed),
        ("space_inside", "A space inside.", full[:8] + " " + full[8:]),
        ("space_before", "A space before.", " " + full),
        ("line_feed_after", "A line feed after.", full + "\n"),
        ("line_feeds_inside", "Broken into lines, as mail does.", full[:76] + "\r\n" + full[76:]),
        ("zero_byte", "A zero byte after.", full + "\0"),
        ("not_ascii", "A letter beyond ASCII.", full[:-1] + "é"),
        ("exclamation_mark", "A character that is in no alphabet.", "!" + full[1:]),
        ("percent_encoded", "Padding that a URL has encoded.", two_due + "%3D%3D"),
        ("padding_not_due", "Padding where none is due.", full + "="),
        ("four_paddings", "Four characters of padding.", full + "===="),
        ("one_padding_of_two", "One character of padding where two are due.", two_due + "="),
        ("three_paddings", "Three characters of padding where two are due.", two_due + "==="),
        ("two_paddings_of_one", "Two characters of padding where one is due.", one_due + "=="),
        ("padding_inside", "Padding inside.", full[:8] + "==" + full[8:]),
        ("one_character_left", "One character more than whole groups, which holds no byte.", full + "A"),
        ("bits_left_over_of_two", "Bits after the last byte that are not zero.", two_due[:-1] + last_plus_one),
        ("bits_left_over_of_one", "Bits after the last byte that are not zero.", one_due[:-1] + one_due_plus),
        ("quoted", "Quotation marks around.", f'"{full}"'),
        ("v1_itself", "V1 as it is, not in base64.", wire.v1(cook(root(ACL))).decode("latin-1")),
        ("only_padding", "Padding and nothing else.", "===="),
    ]:
        vectors.add(f"base64_{name}", description, f"{P(root()).producer}, changed by {BY_HAND}", "Base64", text=text)
    too_long = "A" * ((MAX_BYTES + 2) // 3 * 4 + 1)
    vectors.add(
        "base64_too_long", "More characters than the longest macaroon takes.", BY_HAND, "TooLong", text=folded(too_long)
    )


def add_no_format(vectors: Vectors) -> None:
    made = P(root(ACL, ask()))
    data = wire.v1(made.parts)
    for name, description, other in [
        ("nothing", "No bytes at all.", b""),
        ("zero_byte", "A zero byte.", b"\0"),
        ("version_1", "A version byte of 1.", b"\x01" + wire.v2(made.parts)[1:]),
        ("version_3", "A version byte of 3.", b"\x03" + wire.v2(made.parts)[1:]),
        ("upper_case_first", "A first length in upper case.", b"A" + data[1:]),
        ("letter_g", "A first letter beyond f.", b"g" + data[1:]),
        ("space_first", "A space before V1.", b" " + data),
        ("line_feed_first", "A line feed before V1.", b"\n" + data),
        ("byte_order_mark", "A byte-order mark before V1.", "\ufeff".encode() + data),
        ("json_in_base64", "V2-JSON inside base64.", made.forms["v2json"].encode()),
        ("random", "32 bytes of a hash.", sha256(b"no macaroon").digest()),
        ("base64_twice", "Base64 of base64, which begins with a capital.", made.forms["v1"].encode()),
    ]:
        vectors.add(f"format_{name}", description, BY_HAND, "Format", text=wire.base64(other))
