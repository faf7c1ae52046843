#!/usr/bin/env python3
"""Owns the invalid vectors: each is a valid one with one thing wrong, and says what must be said about it.

  vectors/invalid.py

Always writes the same bytes, as long as those in vectors/valid are the same. A file begins with a line that says at which
step it is refused (decode, read, verify; key, for a public key) and in which words, and a line of dashes.
"""

import base64
import pathlib
import re

HERE = pathlib.Path(__file__).parent
VALID = HERE / "valid"
INVALID = HERE / "invalid"


def valid(name: str) -> bytes:
    return (VALID / f"{name}.assert").read_bytes()


BUILD = valid("snap-snap-build")
REQUEST = valid("snap-account-key-request")
ACCOUNT = valid("snap-account")
KEY = valid("snap-account-key")
DECLARATION = valid("snap-snap-declaration")
REVISION = valid("snap-snap-revision")
VALIDATION = valid("snap-validation")
BODY = valid("snap-snap-build-body")
PUBLIC_KEY = (VALID / "snap-public-key.txt").read_bytes()

NAMED = "line {} should start with a name and a colon"
COUNT = 'the header "{}" must be a whole number without sign and leading zeros'
MISSING = 'the header "{}" is missing or empty'
SIGNATURE = "the signature is unreadable: {}"
NOT_BASE64 = "not base64 in lines of 76 characters"
NOT_A_SIGNATURE = SIGNATURE.format("not an OpenPGP signature of version 4 over a document")
SUBPACKETS = SIGNATURE.format("without exactly one creation time, or with a demand that is not understood")
NOT_A_KEY = "not an OpenPGP public key of version 4, in the form that snapd writes"


def main() -> None:
    INVALID.mkdir(exist_ok=True)
    for old in INVALID.iterdir():
        old.unlink()
    for groups in (format_of_headers(), common_headers(), bodies(), signatures()):
        for name, (sentence, document) in groups.items():
            write(f"decode-{name}", "decode", sentence, document)
    for name, (sentence, document) in types().items():
        write(f"read-{name}", "read", sentence, document)
    for name, (sentence, document) in forgeries().items():
        write(f"verify-{name}", "verify", sentence, document)
    for name, (sentence, document) in keys().items():
        write(f"key-{name}", "key", sentence, document)


def write(name: str, step: str, sentence: str, document: bytes) -> None:
    (INVALID / f"{name}.txt").write_bytes(f"{step}: {sentence}\n---\n".encode() + document)


def swap(document: bytes, old: str | bytes, new: str | bytes) -> bytes:
    old, new = (part.encode() if isinstance(part, str) else part for part in (old, new))
    assert document.count(old) >= 1, old
    return document.replace(old, new, 1)


def line(document: bytes, name: str, new: str | None) -> bytes:
    """Replaces a header of one line, or takes it away."""
    changed, count = re.subn(rf"(?m)^{name}: .*\n".encode(), b"" if new is None else new.encode() + b"\n", document, count=1)
    assert count == 1, name
    return changed


def format_of_headers() -> dict[str, tuple[str, bytes]]:
    after = lambda new: swap(BUILD, "grade: stable\n", f"grade: stable\n{new}\n")
    return {
        "empty": ("empty", b""),
        "not-utf8": ("not UTF-8", swap(BUILD, "stable", b"st\xe4ble")),
        "carriage-returns": ("a control character (a carriage return, perhaps)", BUILD.replace(b"\n", b"\r\n")),
        "nul": ("a control character (a carriage return, perhaps)", swap(BUILD, "stable", b"sta\0ble")),
        "escape": ("a control character (a carriage return, perhaps)", swap(BUILD, "stable", b"\x1b[31mstable")),
        "no-blank-line": ("no blank line and signature at the end", BUILD.replace(b"\n\n", b"\n")),
        "blank-line-first": (NAMED.format(1), b"\n" + BUILD),
        "no-colon": (NAMED.format(6), after("extra")),
        "indented": (NAMED.format(6), after("  extra: header")),
        "upper-case-name": (NAMED.format(6), after("Extra: header")),
        "double-dash-in-name": (NAMED.format(6), after("ex--tra: header")),
        "dash-at-the-end-of-a-name": (NAMED.format(6), after("extra-: header")),
        "digit-first-in-name": (NAMED.format(6), after("2extra: header")),
        "empty-name": (NAMED.format(6), after(": header")),
        "umlaut-in-name": (NAMED.format(6), after("\u00e4xtra: header")),
        "no-space": ("no space before the value in line 6", after("extra:header")),
        "tab-for-space": ("no space before the value in line 6", after("extra:\theader")),
        "no-value": ("line 6 has no value, and none below it that is indented enough", after("extra:")),
        "text-indented-by-three": ("line 6 has no value, and none below it that is indented enough", after("extra:\n   text")),
        "item-without-space": ("no space before the value in line 7", after("extra:\n  -item")),
        "item-without-value": ("line 7 has no value, and none below it that is indented enough", after("extra:\n  -")),
        "list-goes-on-as-map": (NAMED.format(8), after("extra:\n  - item\n  key: value")),
        "map-goes-on-as-list": (NAMED.format(8), after("extra:\n  key: value\n  - item")),
        "key-upper-case": (NAMED.format(7), after("extra:\n  Key: value")),
        "key-without-colon": (NAMED.format(7), after("extra:\n  key")),
        "key-twice": ("line 8 repeats a name", after("extra:\n  key: value\n  key: other")),
        "header-twice": ("line 6 repeats a name", after("grade: devel")),
        "text-less-indented-in-map": (
            "line 7 has no value, and none below it that is indented enough",
            after("extra:\n  key:\n     five\n    four"),
        ),
        "deep": (
            "lists and maps more than 16 levels deep in line 22",
            after("extra:" + "".join("\n" + "  " * level + "-" for level in range(1, 18)) + " item"),
        ),
        "many-headers": ("more than 256 headers", after("\n".join(f"extra-{number}: header" for number in range(250)))),
    }


def common_headers() -> dict[str, tuple[str, bytes]]:
    key_id = 'the header "sign-key-sha3-384" must be the id of a key'
    sign_key = re.search(rb"sign-key-sha3-384: (.*)", BUILD)[1].decode()
    return {
        "no-type": (MISSING.format("type"), line(BUILD, "type", None)),
        "empty-type": (MISSING.format("type"), line(BUILD, "type", "type: ")),
        "list-for-type": (MISSING.format("type"), line(BUILD, "type", "type:\n  - snap-build")),
        "no-sign-key": (MISSING.format("sign-key-sha3-384"), line(BUILD, "sign-key-sha3-384", None)),
        "short-sign-key": (key_id, swap(BUILD, sign_key, sign_key[1:])),
        "long-sign-key": (key_id, swap(BUILD, sign_key, sign_key + "A")),
        "padded-sign-key": (key_id, swap(BUILD, sign_key, sign_key + "=")),
        "sign-key-in-hexadecimal": (key_id, swap(BUILD, sign_key, base64.urlsafe_b64decode(sign_key).hex())),
        "negative-revision": (COUNT.format("revision"), line(ACCOUNT, "revision", "revision: -1")),
        "signed-revision": (COUNT.format("revision"), line(ACCOUNT, "revision", "revision: +1")),
        "zeros-before-revision": (COUNT.format("revision"), line(ACCOUNT, "revision", "revision: 07")),
        "empty-revision": (COUNT.format("revision"), line(ACCOUNT, "revision", "revision: ")),
        "huge-revision": (COUNT.format("revision"), line(ACCOUNT, "revision", "revision: 9223372036854775808")),
        "word-for-format": (COUNT.format("format"), line(DECLARATION, "format", "format: one")),
        "no-authority": (MISSING.format("authority-id"), line(BUILD, "authority-id", None)),
        "empty-authority": (MISSING.format("authority-id"), line(BUILD, "authority-id", "authority-id: ")),
        "authority-of-a-request": (
            'an assertion of this type has no header "authority-id"',
            swap(REQUEST, "account-id:", "authority-id: acme-store\naccount-id:"),
        ),
        "no-primary-key": (MISSING.format("snap-sha3-384"), line(BUILD, "snap-sha3-384", None)),
        "empty-primary-key": (MISSING.format("series"), line(DECLARATION, "series", "series: ")),
        "empty-optional-primary-key": (MISSING.format("provenance"), line(REVISION, "provenance", "provenance: ")),
        "slash-in-primary-key": (
            "the header \"series\" must be text without '/'",
            line(DECLARATION, "series", "series: 16/stable"),
        ),
        "map-for-primary-key": (MISSING.format("series"), line(DECLARATION, "series", "series:\n  number: 16")),
    }


def bodies() -> dict[str, tuple[str, bytes]]:
    length = "the body's length is not what the header \"body-length\" says"
    with_length = lambda text: line(BODY, "body-length", f"body-length: {text}")
    return {
        "body-longer-than-said": (length, with_length("40")),
        "body-shorter-than-said": (length, with_length("51")),
        "body-length-past-the-end": (length, with_length("100000")),
        "body-length-without-body": (length, swap(BUILD, "sign-key", "body-length: 1\nsign-key")),
        "body-length-above-limit": ("a body longer than 2097152 bytes", with_length("2097153")),
        "negative-body-length": (COUNT.format("body-length"), with_length("-50")),
        "zeros-before-body-length": (COUNT.format("body-length"), with_length("050")),
        "body-without-length": (SIGNATURE.format(NOT_BASE64), line(BODY, "body-length", None)),
    }


def signature_of(document: bytes) -> bytes:
    return document.rpartition(b"\n\n")[2]


def with_signature(document: bytes, signature: bytes) -> bytes:
    return document.rpartition(b"\n\n")[0] + b"\n\n" + signature


def armored(packet: bytes, version: int = 1) -> bytes:
    flat = base64.b64encode(bytes([version]) + packet)
    return b"\n".join(flat[start : start + 76] for start in range(0, len(flat), 76))


def packet_of(text: bytes) -> bytes:
    return base64.b64decode(text)[1:]


def packed(tag: int, body: bytes) -> bytes:
    rest = len(body) - 192
    return bytes([0xC0 | tag, (rest >> 8) + 192, rest & 0xFF]) + body


def signatures() -> dict[str, tuple[str, bytes]]:
    text = signature_of(BUILD)
    packet = packet_of(text)
    body = packet[3:]
    # Version, kind, algorithms; then the hashed subpackets of GnuPG: the issuer's fingerprint, and the creation time.
    hashed_length = int.from_bytes(body[4:6], "big")
    hashed, rest = body[6 : 6 + hashed_length], body[6 + hashed_length :]
    fingerprint, created = hashed[:23], hashed[23:]
    assert created[:2] == bytes([5, 2])
    with_hashed = lambda new: packed(2, body[:4] + len(new).to_bytes(2, "big") + new + rest)
    with_byte = lambda place, value: packed(2, body[:place] + bytes([value]) + body[place + 1 :])
    unhashed_length = int.from_bytes(rest[:2], "big")
    tail = rest[2 + unhashed_length :]
    bits = int.from_bytes(tail[2:4], "big")
    signed = lambda packet: with_signature(BUILD, armored(packet) + b"\n")
    flat = text.replace(b"\n", b"")
    return {
        "blank-line-last": ("something follows after the assertion", BUILD + b"\n"),
        "another-after-it": ("something follows after the assertion", BUILD + b"\n" + REQUEST),
        "no-signature": (SIGNATURE.format("empty"), with_signature(BUILD, b"")),
        "newline-for-signature": (SIGNATURE.format("empty"), with_signature(BUILD, b"\n")[:-1] + b"\n"),
        "signature-is-no-base64": (SIGNATURE.format(NOT_BASE64), with_signature(BUILD, b"AcLB!!!!\n")),
        "signature-with-bits-left-over": (SIGNATURE.format(NOT_BASE64), with_signature(BUILD, b"AcLBcx==\n")),
        "signature-in-url-alphabet": (
            SIGNATURE.format(NOT_BASE64),
            with_signature(BUILD, text.replace(b"+", b"-").replace(b"/", b"_")),
        ),
        "signature-in-one-line": (SIGNATURE.format(NOT_BASE64), with_signature(BUILD, flat + b"\n")),
        "signature-in-other-lines": (SIGNATURE.format(NOT_BASE64), with_signature(BUILD, flat[:40] + b"\n" + flat[40:] + b"\n")),
        "signature-with-spaces": (SIGNATURE.format(NOT_BASE64), with_signature(BUILD, b" " + text)),
        "encoding-2": (
            SIGNATURE.format("encoded in version 2, of which nothing is known"),
            with_signature(BUILD, armored(packet, version=2) + b"\n"),
        ),
        "packet-is-a-key": (NOT_A_SIGNATURE, with_signature(BUILD, PUBLIC_KEY + b"\n")),
        "packet-with-old-header": (NOT_A_SIGNATURE, signed(bytes([0x89]) + len(body).to_bytes(2, "big") + body)),
        "packet-with-long-length": (NOT_A_SIGNATURE, signed(bytes([0xC2, 255]) + len(body).to_bytes(4, "big") + body)),
        "packet-with-partial-length": (NOT_A_SIGNATURE, signed(bytes([0xC2, 0xE9]) + body)),
        "packet-cut-off": (NOT_A_SIGNATURE, signed(packet[:-1])),
        "byte-after-packet": (NOT_A_SIGNATURE, signed(packet + b"\0")),
        "byte-after-number": (NOT_A_SIGNATURE, signed(packed(2, body + b"\0"))),
        "signature-version-3": (NOT_A_SIGNATURE, signed(with_byte(0, 3))),
        "signature-over-text": (NOT_A_SIGNATURE, signed(with_byte(1, 1))),
        "dsa": (SIGNATURE.format("not an RSA signature"), signed(with_byte(2, 17))),
        "sha-256": (SIGNATURE.format("over a digest other than SHA-512"), signed(with_byte(3, 8))),
        "sha-1": (SIGNATURE.format("over a digest other than SHA-512"), signed(with_byte(3, 2))),
        "no-creation-time": (SUBPACKETS, signed(with_hashed(fingerprint))),
        "two-creation-times": (SUBPACKETS, signed(with_hashed(created + created))),
        "short-creation-time": (SUBPACKETS, signed(with_hashed(bytes([4, 2]) + created[2:5]))),
        "unknown-critical-subpacket": (SUBPACKETS, signed(with_hashed(created + bytes([2, 0x80 | 100, 0])))),
        "subpacket-past-the-end": (NOT_A_SIGNATURE, signed(with_hashed(created + bytes([9, 100, 0])))),
        "subpacket-without-type": (NOT_A_SIGNATURE, signed(with_hashed(created + bytes([0])))),
        "unhashed-subpacket-past-the-end": (
            NOT_A_SIGNATURE,
            signed(packed(2, body[: 6 + hashed_length] + bytes([0, 3, 9, 16, 0]) + tail)),
        ),
        "number-with-wrong-bits": (
            NOT_A_SIGNATURE,
            signed(packed(2, body[: -len(tail)] + tail[:2] + (bits - 1 if bits % 8 != 1 else bits + 1).to_bytes(2, "big") + tail[4:])),
        ),
    }


def types() -> dict[str, tuple[str, bytes]]:
    must = lambda header, what: f'the header "{header}" must be {what}'
    gone = lambda header: f'the header "{header}" is missing'
    account_id = "an account's id: 32 letters and digits, or 2 to 28 lower-case letters, digits and dashes"
    time = "a time with zone such as 2026-11-24T20:30:00Z"
    size = "a number of bytes without sign and leading zeros"
    one_on = "a whole number from 1 on, without sign and leading zeros"
    digest = "a SHA3-384 digest in URL-safe base64 without padding"
    filled = "a text that is not empty"
    snap_id = "a snap's id: 32 letters and digits"
    name = "a key's name: lower-case letters, digits and single dashes between them, with a letter at least"
    sha = re.search(rb"(?m)^snap-sha3-384: (.*)$", BUILD)[1].decode()
    key_id = re.search(rb"(?m)^public-key-sha3-384: (.*)$", KEY)[1].decode()
    other_id = "A" * 64
    cases = {
        "unknown-format": ("in format 7, of which nothing is known: 6 is the newest that is", line(DECLARATION, "format", "format: 7")),
        "unknown-format-of-a-type-with-one": (
            "in format 1, of which nothing is known: 0 is the newest that is",
            swap(BUILD, "type: snap-build\n", "type: snap-build\nformat: 1\n"),
        ),
        "account-without-display-name": (gone("display-name"), line(ACCOUNT, "display-name", None)),
        "account-with-empty-display-name": (must("display-name", filled), line(ACCOUNT, "display-name", "display-name: ")),
        "account-without-validation": (gone("validation"), line(ACCOUNT, "validation", None)),
        "account-with-empty-validation": (must("validation", filled), line(ACCOUNT, "validation", "validation: ")),
        "account-without-timestamp": (gone("timestamp"), line(ACCOUNT, "timestamp", None)),
        "account-with-list-for-username": (must("username", "text"), line(ACCOUNT, "username", "username:\n  - ada")),
        "account-with-long-id": (must("account-id", account_id), line(ACCOUNT, "account-id", "account-id: " + "a" * 33)),
        "account-with-id-of-29": (must("account-id", account_id), line(ACCOUNT, "account-id", "account-id: " + "a" * 29)),
        "account-with-id-of-1": (must("account-id", account_id), line(ACCOUNT, "account-id", "account-id: a")),
        "account-with-upper-case-in-nice-id": (must("account-id", account_id), line(ACCOUNT, "account-id", "account-id: Ada")),
        "account-with-dash-in-long-id": (
            must("account-id", account_id),
            line(ACCOUNT, "account-id", "account-id: " + "a" * 31 + "-"),
        ),
        "account-with-odd-authority": (must("authority-id", account_id), line(ACCOUNT, "authority-id", "authority-id: acme store")),
        "account-key-without-account": (gone("account-id"), line(KEY, "account-id", None)),
        "account-key-without-since": (gone("since"), line(KEY, "since", None)),
        "account-key-with-odd-name": (must("name", name), line(KEY, "name", "name: My Key")),
        "account-key-with-name-of-digits": (must("name", name), line(KEY, "name", "name: 123")),
        "account-key-with-double-dash-in-name": (must("name", name), line(KEY, "name", "name: my--key")),
        "account-key-with-empty-name": (must("name", name), line(KEY, "name", "name: ")),
        "account-key-ends-before-it-begins": (
            'the header "until" is before "since"',
            line(KEY, "until", "until: 2016-03-31T23:59:59Z"),
        ),
        "account-key-with-odd-until": (must("until", time), line(KEY, "until", "until: never")),
        "account-key-with-constraints-in-format-0": (
            must("constraints", "left out in format 0"),
            swap(KEY, "name: default\n", "constraints:\n  -\n    headers:\n      type: snap-build\nname: default\n"),
        ),
        "account-key-with-constraints-of-no-type": (
            must("constraints", "a list of maps of headers, with a type in each"),
            swap(KEY, "name: default\n", "constraints:\n  -\n    headers:\n      series: 16\nname: default\n"),
        ),
        "account-key-for-another-key": (
            'the key in the body is not the one that the header "public-key-sha3-384" names',
            line(KEY, "public-key-sha3-384", f"public-key-sha3-384: {other_id}"),
        ),
        "account-key-with-odd-key-id": (
            must("public-key-sha3-384", "the id of a key"),
            line(KEY, "public-key-sha3-384", "public-key-sha3-384: default"),
        ),
        "account-key-without-body": (
            f"the body is no public key: {NOT_BASE64}",
            line(swap(KEY, b"\n\n" + PUBLIC_KEY, b""), "body-length", None),
        ),
        "account-key-with-newline-after-key": (
            f"the body is no public key: {NOT_BASE64}",
            line(swap(KEY, PUBLIC_KEY, PUBLIC_KEY + b"\n"), "body-length", "body-length: 718"),
        ),
        "request-without-name": (gone("name"), line(REQUEST, "name", None)),
        "request-without-account": (gone("account-id"), line(REQUEST, "account-id", None)),
        "request-without-since": (gone("since"), line(REQUEST, "since", None)),
        "request-signed-with-another-key": (
            "not signed with the key in its body",
            line(REQUEST, "sign-key-sha3-384", f"sign-key-sha3-384: {other_id}"),
        ),
        "build-without-snap-id": (gone("snap-id"), line(BUILD, "snap-id", None)),
        "build-with-short-snap-id": (must("snap-id", snap_id), line(BUILD, "snap-id", "snap-id: " + "a" * 31)),
        "build-with-dash-in-snap-id": (must("snap-id", snap_id), line(BUILD, "snap-id", "snap-id: " + "a" * 31 + "-")),
        "build-without-grade": (gone("grade"), line(BUILD, "grade", None)),
        "build-with-empty-grade": (must("grade", filled), line(BUILD, "grade", "grade: ")),
        "build-without-size": (gone("snap-size"), line(BUILD, "snap-size", None)),
        "build-with-negative-size": (must("snap-size", size), line(BUILD, "snap-size", "snap-size: -4096")),
        "build-with-signed-size": (must("snap-size", size), line(BUILD, "snap-size", "snap-size: +4096")),
        "build-with-zeros-before-size": (must("snap-size", size), line(BUILD, "snap-size", "snap-size: 04096")),
        "build-with-size-of-65-bits": (must("snap-size", size), line(BUILD, "snap-size", "snap-size: 18446744073709551616")),
        "build-with-short-digest": (must("snap-sha3-384", digest), swap(BUILD, sha, sha[:-1])),
        "build-with-digest-of-another-length": (must("snap-sha3-384", digest), swap(BUILD, sha, sha + "AAAA")),
        "build-with-digest-in-hexadecimal": (
            must("snap-sha3-384", digest),
            swap(BUILD, sha, base64.urlsafe_b64decode(sha).hex()),
        ),
        "build-with-list-for-developer": (must("developer-id", "text"), line(BUILD, "developer-id", "developer-id:\n  - ada")),
        "declaration-without-snap-name": (gone("snap-name"), line(DECLARATION, "snap-name", None)),
        "declaration-without-publisher": (gone("publisher-id"), line(DECLARATION, "publisher-id", None)),
        "declaration-with-odd-publisher": (must("publisher-id", account_id), line(DECLARATION, "publisher-id", "publisher-id: ")),
        "declaration-with-text-for-refresh-control": (
            must("refresh-control", "a list of snap ids"),
            swap(DECLARATION, "refresh-control:\n  - ", "refresh-control: "),
        ),
        "declaration-with-odd-auto-alias": (
            must("auto-aliases", "a list of names of aliases"),
            swap(DECLARATION, "  - hello.sh", "  - .hello"),
        ),
        "declaration-with-alias-without-target": (
            must("aliases", "a list of maps with a name and a target"),
            swap(DECLARATION, "\n    target: sh\n", "\n"),
        ),
        "declaration-with-text-for-plugs": (must("plugs", "a map of rules"), swap(DECLARATION, "plugs:\n  content:", "plugs: x\nrest:\n  content:")),
        "declaration-with-list-for-slots": (must("slots", "a map of rules"), swap(DECLARATION, "slots:\n  content: false", "slots:\n  - content")),
        "revision-with-revision-0": (must("snap-revision", one_on), line(REVISION, "snap-revision", "snap-revision: 0")),
        "revision-with-zeros-before-revision": (must("snap-revision", one_on), line(REVISION, "snap-revision", "snap-revision: 03")),
        "revision-without-revision": (gone("snap-revision"), line(REVISION, "snap-revision", None)),
        "revision-without-developer": (gone("developer-id"), line(REVISION, "developer-id", None)),
        "revision-with-odd-provenance": (
            must("provenance", "letters, digits and single dashes between them"),
            line(REVISION, "provenance", "provenance: a--b"),
        ),
        "revision-with-odd-integrity": (
            must("integrity", "a map with the sha3-384 and the size of integrity data"),
            swap(REVISION, "snap-id:", f"integrity:\n  sha3-384: {sha}\n  size: 01\nsnap-id:"),
        ),
        "validation-with-odd-revoked": (must("revoked", '"true" or "false"'), line(VALIDATION, "revoked", "revoked: yes")),
        "validation-with-revision-0": (
            must("approved-snap-revision", one_on),
            line(VALIDATION, "approved-snap-revision", "approved-snap-revision: 0"),
        ),
        "validation-with-odd-approved-snap": (
            must("approved-snap-id", snap_id),
            line(VALIDATION, "approved-snap-id", "approved-snap-id: hello"),
        ),
    }
    for what, text in {
        "without-zone": "2026-11-24T20:30:00",
        "without-seconds": "2026-11-24T20:30Z",
        "on-a-day-that-is-not": "2026-02-29T20:30:00Z",
        "with-a-space": "2026-11-24 20:30:00Z",
        "with-a-zone-of-a-day": "2026-11-24T20:30:00+24:00",
        "of-unix": "1795552200",
    }.items():
        cases[f"build-with-time-{what}"] = (must("timestamp", time), line(BUILD, "timestamp", f"timestamp: {text}"))
    return cases


def forgeries() -> dict[str, tuple[str, bytes]]:
    forged = "the signature does not fit the document"
    packet = bytearray(packet_of(signature_of(BUILD)))
    flipped = lambda place: with_signature(
        BUILD, armored(bytes(packet[:place] + bytes([packet[place] ^ 1]) + packet[place + 1 :])) + b"\n"
    )
    other_id = "A" * 64
    return {
        "other-size": (forged, line(BUILD, "snap-size", "snap-size: 4097")),
        "headers-in-another-order": (forged, line(swap(BUILD, "timestamp:", "grade: stable\ntimestamp:"), "grade", None)),
        "one-more-header": (forged, swap(BUILD, "snap-id:", "extra: header\nsnap-id:")),
        "another-space": (forged, swap(BUILD, "grade: stable", "grade: stable ")),
        "other-body": (forged, swap(BODY, "may hold", "can hold")),
        "signature-of-another-document": (forged, with_signature(BUILD, signature_of(REVISION))),
        "other-creation-time": (forged, flipped(3 + 6 + 23 + 5)),
        "other-start-of-the-digest": (forged, flipped(len(packet) - 512 - 3)),
        "other-last-byte": (forged, flipped(len(packet) - 1)),
        "signed-with-another-key": (
            f"signed with another key, {other_id}",
            line(BUILD, "sign-key-sha3-384", f"sign-key-sha3-384: {other_id}"),
        ),
    }


def number(value: int) -> bytes:
    return value.bit_length().to_bytes(2, "big") + value.to_bytes((value.bit_length() + 7) // 8, "big")


def keys() -> dict[str, tuple[str, bytes]]:
    packet = packet_of(PUBLIC_KEY)
    body = packet[3:]
    # Version, creation time, algorithm, then the modulus and the exponent.
    modulus = int.from_bytes(body[8 : 8 + 512], "big")
    key = lambda n, e=65537, start=body[:6]: armored(packed(6, start + number(n) + number(e)))
    exponent = "an RSA key with an exponent that is even, less than 3 or longer than 3 bytes"
    bits = "an RSA key of {} bits, not of 2048 to 8192"
    created = "the key's creation time is not 2016-01-01T00:00:00Z"
    assert key(modulus) == PUBLIC_KEY
    return {
        "empty": (NOT_BASE64, b""),
        "newline-at-the-end": (NOT_BASE64, PUBLIC_KEY + b"\n"),
        "in-one-line": (NOT_BASE64, PUBLIC_KEY.replace(b"\n", b"")),
        "not-utf8": (NOT_BASE64, b"\xff" + PUBLIC_KEY[1:]),
        "encoding-0": ("encoded in version 0, of which nothing is known", armored(packet, version=0)),
        "signature": (NOT_A_KEY, signature_of(BUILD).rstrip()),
        "old-header": (NOT_A_KEY, armored(bytes([0x99]) + len(body).to_bytes(2, "big") + body)),
        "version-3": (NOT_A_KEY, armored(packed(6, bytes([3]) + body[1:]))),
        "subkey": (NOT_A_KEY, armored(packed(14, body))),
        "byte-after-packet": (NOT_A_KEY, armored(packet + b"\0")),
        "byte-after-exponent": (NOT_A_KEY, armored(packed(6, body + b"\0"))),
        "zero-before-modulus": (NOT_A_KEY, armored(packed(6, body[:6] + b"\x10\x08\0" + body[8:]))),
        "created-at-another-time": (created, armored(packed(6, body[:4] + b"\x81" + body[5:]))),
        "elliptic-curve": ("not an RSA key", armored(packed(6, body[:5] + bytes([22]) + body[6:]))),
        "2047-bits": (bits.format(2047), key((modulus >> 2049) | 1)),
        "8193-bits": (bits.format(8193), key((1 << 8192) | 1)),
        "long-text": (NOT_A_KEY, key((1 << 14000) | 1)),
        "even-modulus": ("an RSA key with an even modulus", key(modulus - 1)),
        "exponent-1": (exponent, key(modulus, 1)),
        "even-exponent": (exponent, key(modulus, 65536)),
        "exponent-of-4-bytes": (exponent, key(modulus, (1 << 24) + 1)),
    }


if __name__ == "__main__":
    main()
