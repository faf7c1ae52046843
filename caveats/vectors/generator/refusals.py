"""Vectors of genuine credentials that are judged against an attempt, and refused by each caveat."""

from base64 import b64encode

from .clearing import ACCOUNT, ATTEMPT, BUILD_KEY, DIGEST, FILE, OTHER_ACCOUNT, PUSH, SIGNED, SNAP, Case, credential
from .construction import Recipe
from .document import Vectors
from .macaroons import H, L, Make, P
from .material import KEY, SSO, STORE, root


def add(vectors: Vectors) -> None:
    """Made by the two libraries in turn."""
    for number, ((name, description, caveats, answers, attempt), kind) in enumerate(refused()):
        make = P if number % 2 else L
        credential(vectors, make, f"refused_{name}", description, caveats, answers, attempt, f"refused: {kind}")
    add_raw(vectors)


def refused() -> list[tuple[Case, str]]:
    return [
        (("no_acl", "The root has no acl.", [], [], {"permissions": []}), "missing_acl"),
        (("acl_in_discharge_only", "The only acl is the discharge's.", [], [PUSH], {"permissions": []}), "missing_acl"),
        (("acl", "The permission is not in the acl.", ['acl|["package_access"]'], [], {}), "acl"),
        (("acl_empty", "An empty acl.", ["acl|[]"], [], {}), "acl"),
        (("two_acls", "A second acl takes the permission away.", [PUSH, 'acl|["package_release"]'], [], {}), "acl"),
        (
            (
                "acl_in_discharge",
                "The discharge's acl takes the permission away.",
                [PUSH],
                ['acl|["package_access"]'],
                {},
            ),
            "acl",
        ),
        (("channel", "Another channel.", [PUSH, 'channel|["edge"]'], [], {"channels": ["beta"]}), "channel"),
        (
            (
                "one_of_two_channels",
                "One of two channels is not in the list.",
                [PUSH, 'channel|["edge"]'],
                [],
                {"channels": ["edge", "stable"]},
            ),
            "channel",
        ),
        (
            (
                "two_channel_lists",
                "Each list must hold the channel.",
                [PUSH, 'channel|["edge"]', 'channel|["beta"]'],
                [],
                {"channels": ["edge"]},
            ),
            "channel",
        ),
        (("package", "Another package.", [PUSH, 'package_id|["other"]'], [], {}), "package_id"),
        (
            (
                "new_package",
                "A package that is yet to be made.",
                [PUSH, f'package_id|["{SNAP}"]'],
                [],
                {"package": "new"},
            ),
            "package_id",
        ),
        (("expired", "At the moment it expires.", [PUSH, "expires|2026-11-23T20:00:00"], [], {}), "expires"),
        (
            ("discharge_expired", "The discharge has expired.", [PUSH], ["expires|2026-11-23T19:59:59.999999"], {}),
            "expires",
        ),
        (
            (
                "second_expiry",
                "The earlier of two expiries counts.",
                [PUSH, "expires|2027-01-01T00:00:00", "expires|2026-01-01T00:00:00"],
                [],
                {},
            ),
            "expires",
        ),
        (
            (
                "not_before",
                "A microsecond before it becomes valid.",
                [PUSH, "not_before|2026-11-23T20:00:00.000001"],
                [],
                {},
            ),
            "not_before",
        ),
        (
            ("upload_digest", "Another file.", [PUSH, f'upload_digest|["{"A" * 64}"]'], [], {"upload": FILE}),
            "upload_digest",
        ),
        (
            ("upload_digest_no_upload", "No upload at all.", [PUSH, f'upload_digest|["{DIGEST}"]'], [], {}),
            "upload_digest",
        ),
        (
            ("build_key", "Signed by another key.", [PUSH, f'build_key|["{"A" * 64}"]'], [], {"upload": SIGNED}),
            "build_key",
        ),
        (
            ("build_not_signed", "Not signed at all.", [PUSH, f'build_key|["{BUILD_KEY}"]'], [], {"upload": FILE}),
            "build_key",
        ),
        (
            (
                "source_ip",
                "From another network.",
                [PUSH, 'source_ip|["192.0.2.0/24"]'],
                [],
                {"source": "198.51.100.7"},
            ),
            "source_ip",
        ),
        (("source_ip_not_known", "From nobody knows where.", [PUSH, 'source_ip|["0.0.0.0/0"]'], [], {}), "source_ip"),
        (("unknown_caveat", "A caveat with a key that is not known.", [PUSH, "colour|red"], [], {}), "unknown"),
        (
            (
                "unknown_caveat_in_discharge",
                "The discharge has a caveat with a key that is not known.",
                [PUSH],
                ["colour|red"],
                {},
            ),
            "unknown",
        ),
        (("key_in_capitals", "Keys are in lower case.", [PUSH, "EXPIRES|2030-01-01T00:00:00"], [], {}), "unknown"),
        (("malformed_time", "A day that does not exist.", [PUSH, "expires|2027-02-29T00:00:00"], [], {}), "malformed"),
        (
            ("malformed_zone", "A time in another zone.", [PUSH, "expires|2027-02-28T00:00:00+01:00"], [], {}),
            "malformed",
        ),
        (("malformed_acl", "An acl that is no list.", [PUSH, 'acl|"package_push"'], [], {}), "malformed"),
        (("malformed_list", "A list with a number in it.", [PUSH, "package_id|[1]"], [], {}), "malformed"),
        (
            (
                "malformed_network",
                "An address with bits beyond its prefix.",
                [PUSH, 'source_ip|["10.1.2.3/8"]'],
                [],
                {"source": "10.1.2.3"},
            ),
            "malformed",
        ),
        (
            (
                "malformed_account",
                "An account without an openid.",
                [PUSH],
                [f"account|{b64encode(b'{}').decode()}"],
                {},
            ),
            "malformed",
        ),
        (
            (
                "account_in_root",
                "An account in the root, where any holder can put one.",
                [PUSH, f"account|{ACCOUNT}"],
                [],
                {},
            ),
            "account",
        ),
        (("session_in_root", "A session in the root.", [PUSH, "session|s-1"], [], {}), "session"),
        (("last_auth_in_root", "last_auth in the root.", [PUSH, "last_auth|2026-11-23T08:00:00"], [], {}), "last_auth"),
        (
            (
                "two_accounts",
                "Two accounts that contradict each other.",
                [PUSH],
                [f"account|{ACCOUNT}", f"account|{OTHER_ACCOUNT}"],
                {},
            ),
            "account",
        ),
        (
            ("two_sessions", "Two sessions that contradict each other.", [PUSH], ["session|s-1", "session|s-2"], {}),
            "session",
        ),
    ]


def add_raw(vectors: Vectors) -> None:
    """Caveats and identifiers that are in no known form."""
    push = f"{STORE}|{PUSH}".encode()
    for name, description, caveat, make in [
        ("foreign_caveat", "A caveat for another service.", b"elsewhere.example|expires|2030-01-01T00:00:00", P),
        ("foreign_sso_caveat", "The SSO's caveat in the root.", f"{SSO}|expires|2030-01-01T00:00:00".encode(), L),
        ("foreign_no_separator", "A caveat without a separator.", b"time < 2030-01-01T00:00:00", P),
        ("foreign_empty", "A caveat without text.", b"", L),
        (
            "foreign_longer_location",
            "A location that begins like the right one.",
            f"{STORE}.example|expires|2030-01-01T00:00:00".encode(),
            P,
        ),
        (
            "foreign_not_text",
            "A caveat that is not UTF-8.",
            b"\xff" + STORE.encode() + b"|expires|2030-01-01T00:00:00",
            H,
        ),
    ]:
        raw(vectors, f"refused_{name}", description, root(push, caveat), make, "foreign")
    no_value = f"{STORE}|expires".encode()
    raw(vectors, "refused_no_value", "A key without a value.", root(push, no_value), P, "unknown")
    not_text = root(push, identifier=b"\xff\xfe")
    raw(vectors, "refused_identifier_not_text", "An identifier that is not UTF-8.", not_text, P, "identifier")


def raw(vectors: Vectors, name: str, description: str, recipe: Recipe, make: Make, kind: str) -> None:
    made = make(recipe)
    vectors.credential(name, description, KEY, made, verdict=f"refused: {kind}", attempt=ATTEMPT)
