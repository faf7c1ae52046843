"""Vectors of the JSON forms that must not be read. Those that must are the v1json, v2json and bakery forms elsewhere.

Which error each gives is not fixed here: the verdict is `refused`, and no more.
"""

import json

from . import with_bakery, with_pymacaroons
from .bakery_credentials import discharged
from .document import Json, Vectors, folded
from .macaroons import P
from .material import ACL, ask, root
from .token import BY_HAND
from .with_bakery import Made

MADE = P(root(ACL, ask()))
V2: dict[str, Json] = json.loads(MADE.forms["v2json"])
V1: dict[str, Json] = json.loads(MADE.forms["v1json"])


def add(vectors: Vectors) -> None:
    with with_bakery.fixed_chance("json"):
        wrapped = Made(discharged(3)[0]).forms["bakery"]
    wrapper: dict[str, Json] = json.loads(wrapped)
    first, third = V2["c"]
    without = {key: V2[key] for key in V2 if key != "s64"}
    texts = {
        "empty": ("No text.", ""),
        "not_json": ("Not JSON.", "{"),
        "list": ("A list.", "[]"),
        "null": ("null.", "null"),
        "trailing": ("Text after the object.", MADE.forms["v2json"] + " x"),
        "two_objects": ("Two objects.", MADE.forms["v2json"] * 2),
        "identifier_twice": ("A member that stands twice.", '{"i": "other", ' + MADE.forms["v2json"][1:]),
        "v1_identifier_twice": (
            "A member of V1-JSON that stands twice.",
            '{"identifier": "other", ' + MADE.forms["v1json"][1:],
        ),
        "nested_deeply": ("Lists in lists, 10,000 deep.", '{"i": "a", "c": ' + "[" * 10_000 + "]" * 10_000 + "}"),
    }
    objects = {
        "v2_no_identifier": ("No identifier.", {key: V2[key] for key in V2 if key != "i"}),
        "v2_no_signature": ("No signature.", without),
        "v2_identifier_in_both_forms": ("The identifier as text and in base64.", V2 | {"i64": "YQ"}),
        "v2_signature_in_both_forms": ("The signature as text and in base64.", V2 | {"s": "s" * 32}),
        "v2_signature_of_31_bytes": ("A signature that is a byte short.", V2 | {"s64": V2["s64"][:-2]}),
        "v2_signature_not_base64": ("A signature that is not base64.", V2 | {"s64": "!" * 43}),
        "v2_signature_in_hex": ("A signature in hex digits.", V2 | {"s64": MADE.parts.signature.hex()}),
        "v2_identifier_number": ("An identifier that is a number.", V2 | {"i": 1}),
        "v2_identifier_null": ("An identifier that is null.", V2 | {"i": None}),
        "v2_caveats_object": ("Caveats that are an object.", V2 | {"c": {}}),
        "v2_caveat_text": ("A caveat that is a text.", V2 | {"c": ["a"]}),
        "v2_caveat_vid_in_both_forms": ("A vid as text and in base64.", V2 | {"c": [third | {"v": "v"}]}),
        "v2_caveat_location_without_vid": ("A first-party caveat with a location.", V2 | {"c": [first | {"l": "x"}]}),
        "v2_version_1": ("V2's members under version 1.", V2 | {"v": 1}),
        "v2_version_3": ("V2's members under version 3.", V2 | {"v": 3}),
        "v2_caveats_257": ("One caveat more than allowed.", V2 | {"c": [first] * 257}),
        "v2_too_long": ("Longer than allowed.", V2 | {"i": "i" * 40_000}),
        "v1_no_signature": ("V1-JSON without a signature.", {key: V1[key] for key in V1 if key != "signature"}),
        "v1_signature_of_62_digits": (
            "V1-JSON with a signature that is a byte short.",
            V1 | {"signature": V1["signature"][:-2]},
        ),
        "v1_signature_of_63_digits": ("V1-JSON with half a byte less.", V1 | {"signature": V1["signature"][:-1]}),
        "v1_signature_not_hex": ("V1-JSON with a signature that is not hex.", V1 | {"signature": "z" * 64}),
        "v1_signature_in_base64": ("V1-JSON with a signature in base64.", V1 | {"signature": V2["s64"]}),
        "v1_vid_not_base64": (
            "V1-JSON with a vid that is not base64.",
            V1 | {"caveats": [V1["caveats"][1] | {"vid": "!"}]},
        ),
        "v1_cl_without_vid": ("V1-JSON with a location and no vid.", V1 | {"caveats": [{"cid": "a", "cl": "x"}]}),
        "v1_and_v2": ("Members of both versions.", V1 | V2),
        "bakery_no_version": ("A wrapper without its version.", {key: wrapper[key] for key in wrapper if key != "v"}),
        "bakery_version_2": ("A wrapper of version 2, which has none.", wrapper | {"v": 2}),
        "bakery_version_4": ("A wrapper of a version that is not known.", wrapper | {"v": 4}),
        "bakery_version_text": ("A wrapper whose version is a text.", wrapper | {"v": "3"}),
        "bakery_v1_inside": ("A wrapper of version 3 around V1-JSON.", wrapper | {"m": V1}),
        "bakery_macaroon_text": ("A wrapper around a text.", wrapper | {"m": MADE.forms["v1"]}),
    }
    texts |= {name: (description, json.dumps(document)) for name, (description, document) in objects.items()}
    for name, (description, text) in texts.items():
        source = with_bakery.NAME if name.startswith("bakery") else with_pymacaroons.NAME
        vectors.add(f"json_{name}", description, f"{source}, changed by {BY_HAND}", "refused", json=folded(text))
