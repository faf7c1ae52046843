"""Vectors of genuine credentials that are judged against an attempt: what each caveat allows."""

from base64 import b64encode
from hashlib import sha3_384

from . import wire
from .credentials import bind
from .document import Json, Vectors
from .macaroons import L, Make, P
from .material import KEY, SSO, STORE, answer, ask, root

SNAP = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX"
DIGEST = wire.base64(sha3_384(b"a snap").digest())
BUILD_KEY = wire.base64(sha3_384(b"a key").digest())
ACCOUNT = b64encode(b'{"openid": "AbC", "email": "a@example.com", "username": "a"}').decode()
OTHER_ACCOUNT = b64encode(b'{"openid": "Xyz", "email": "a@example.com", "username": "a"}').decode()
ATTEMPT = {
    "store": STORE,
    "sso": SSO,
    "now": "2026-11-23T20:00:00",
    "permissions": ["package_push"],
    "package": {"id": SNAP},
    "channels": [],
    "upload": "none",
    "source": None,
}
FILE = {"digest": DIGEST, "build_key": None}
SIGNED = {"digest": DIGEST, "build_key": BUILD_KEY}
PUSH = 'acl|["package_push"]'
Case = tuple[str, str, list[str], list[str], dict[str, Json]]


def add(vectors: Vectors) -> None:
    """Made by the two libraries in turn."""
    for number, (name, description, caveats, answers, attempt) in enumerate(allowed()):
        credential(vectors, P if number % 2 else L, f"clears_{name}", description, caveats, answers, attempt)


def credential(
    vectors: Vectors,
    make: Make,
    name: str,
    description: str,
    caveats: list[str],
    answers: list[str],
    attempt: dict[str, Json],
    verdict: str = "ok",
) -> None:
    asking = root(ask(), *(f"{STORE}|{caveat}".encode() for caveat in caveats))
    made, discharges = bind(make, asking, [answer(*(f"{SSO}|{caveat}".encode() for caveat in answers))])
    vectors.credential(name, description, KEY, made, discharges, verdict, attempt=ATTEMPT | attempt)


def allowed() -> list[Case]:
    everything = [
        "valid_since|2026-11-23T08:00:00.000001",
        PUSH,
        'channel|["edge", "2.*/stable"]',
        f'package_id|["{SNAP}"]',
        "expires|2027-05-20T20:30:22.896621",
    ]
    login = [
        f"account|{ACCOUNT}",
        "valid_since|2026-11-23T08:00:00.000001",
        "last_auth|2026-11-23T08:00:00.000001",
        "session|s-1",
        "expires|2027-11-23T08:00:00.000001",
    ]
    return [
        ("store_pair", "All caveats of a real pair.", everything, login, {"channels": ["edge"]}),
        ("acl", "The permission is in the acl.", [PUSH], [], {}),
        ("umbrella", "package_upload includes package_push.", ['acl|["package_upload"]'], [], {}),
        ("no_permission_needed", "Any acl allows what needs no permission.", ["acl|[]"], [], {"permissions": []}),
        (
            "unknown_permission_beside",
            "A permission that is not known grants nothing and harms nothing.",
            ['acl|["package_fly", "package_push"]'],
            [],
            {},
        ),
        ("before_expiry", "A microsecond before it expires.", [PUSH, "expires|2026-11-23T20:00:00.000001"], [], {}),
        ("not_before_now", "At the moment it becomes valid.", [PUSH, "not_before|2026-11-23T20:00:00"], [], {}),
        (
            "time_in_milliseconds",
            "A time with three digits and a Z.",
            [PUSH, "expires|2027-05-20T20:30:22.896Z"],
            [],
            {},
        ),
        ("snap_id", "snap_id means package_id.", [PUSH, f'snap_id|["other", "{SNAP}"]'], [], {}),
        (
            "channel_pattern",
            "A pattern allows the channel.",
            [PUSH, 'channel|["2.*/stable"]'],
            [],
            {"channels": ["2.1/stable"]},
        ),
        (
            "channel_branch",
            "What allows a channel allows its branches.",
            [PUSH, 'channel|["edge"]'],
            [],
            {"channels": ["edge/fix"]},
        ),
        ("upload_digest", "The file is in the list.", [PUSH, f'upload_digest|["{DIGEST}"]'], [], {"upload": FILE}),
        (
            "build_key",
            "The build is signed by a key in the list.",
            [PUSH, f'build_key|["{BUILD_KEY}"]'],
            [],
            {"upload": SIGNED},
        ),
        (
            "source_ip",
            "The address is in the network.",
            [PUSH, 'source_ip|["192.0.2.0/24"]'],
            [],
            {"source": "192.0.2.7"},
        ),
        (
            "source_ip_v6",
            "The address is in the IPv6 network.",
            [PUSH, 'source_ip|["2001:db8::/32"]'],
            [],
            {"source": "2001:db8::7"},
        ),
        ("same_account_twice", "Two accounts that agree.", [PUSH], [f"account|{ACCOUNT}"] * 2, {}),
    ]
