"""Vectors of roots with third-party caveats and the bound discharges that answer them, all of which verify."""

from . import with_pymacaroons
from .construction import ZERO_NONCE, Ask, Caveat, Parts, Recipe, derive, tails
from .document import Vectors, macaroon, shown
from .macaroons import SUFFIX, L, Make, P
from .material import (
    ACL,
    APPENDIX_DISCHARGE,
    APPENDIX_ROOT,
    CAVEAT_ID,
    CAVEAT_KEY,
    EXPIRES,
    KEY,
    OTHER_KEY,
    SSO,
    STORE,
    VALID_SINCE,
    answer,
    ask,
    root,
)
from .token import ByHand, Token, by_hand, forged

MAX_DISCHARGES = 16


def add(vectors: Vectors) -> None:
    for name, description, asking, answers, makers in cases():
        for make in makers:
            made, discharges = bind(make, asking, answers)
            vectors.credential(f"{name}_{SUFFIX[make]}", description, asking.key, made, discharges)
    add_appendix(vectors)
    add_nested(vectors)
    add_mixed(vectors)
    add_alone(vectors)


def bind(make: Make, asking: Recipe, answers: "list[Recipe]") -> "tuple[Token, list[Token]]":
    made = make(asking)
    return made, [make(one).bound_to(made) for one in answers]


def cases() -> "list[tuple[str, str, Recipe, list[Recipe], tuple[Make, ...]]]":
    one = [answer(EXPIRES)]
    two = [answer(to="first", key=KEY), answer(EXPIRES, to="second", key=OTHER_KEY)]
    asks_two = root(VALID_SINCE, ask("first", KEY), ACL, ask("second", OTHER_KEY))
    long_id = "i" * 2000
    discharge_caveats = tuple(
        f"{SSO}|{text}".encode()
        for text in [
            "account|eyJvcGVuaWQiOiAiQWJDIn0=",
            "valid_since|2026-11-23T08:00:00.000001",
            "last_auth|2026-11-23T08:00:00.000001",
            "expires|2027-11-23T08:00:00.000001",
        ]
    )
    others = ('channel|["edge"]', 'package_id|["AbC"]', "expires|2027-05-20T20:30:22.896621")
    root_caveats: list[bytes | Ask] = [VALID_SINCE, ask(), ACL, *(f"{STORE}|{text}".encode() for text in others)]
    return [
        ("third_party", "One third-party caveat and its discharge.", root(ask()), one, (P, L)),
        ("third_party_first", "The third-party caveat comes first.", root(ask(), ACL, VALID_SINCE), one, (P, L)),
        ("third_party_last", "The third-party caveat comes last.", root(ACL, VALID_SINCE, ask()), one, (P, L)),
        ("third_party_no_caveats", "The discharge has no caveats.", root(VALID_SINCE, ask()), [answer()], (P, L)),
        (
            "store_pair",
            "Root and discharge with the caveats that the store and the SSO put there.",
            root(*root_caveats),
            [answer(*discharge_caveats)],
            (P, L),
        ),
        ("two_third_parties", "Two third-party caveats, each with its discharge.", asks_two, two, (P, L)),
        ("two_third_parties_reversed", "The discharges come in the other order.", asks_two, two[::-1], (P, L)),
        (
            "two_caveats_one_key",
            "Two third-party caveats with one key and two ids.",
            root(ask("a"), ask("b")),
            [answer(to="a"), answer(to="b")],
            (P, L),
        ),
        ("third_party_id_empty", "A third-party caveat without an id.", root(ask("")), [answer(to="")], (P, L)),
        (
            "third_party_id_is_root_identifier",
            "The caveat's id is the root's identifier.",
            root(ask("vector-root-1")),
            [answer(to="vector-root-1")],
            (P, L),
        ),
        (
            "third_party_id_of_2000_bytes",
            "A third-party caveat with a long id.",
            root(ask(long_id)),
            [answer(to=long_id)],
            (P, L),
        ),
        (
            "third_party_location_empty",
            "A third-party caveat without a location. pymacaroons' V1 loses its vid.",
            root(ask(location="")),
            one,
            (P, L),
        ),
        (
            "third_party_location_utf8",
            "A third-party caveat with a location beyond ASCII.",
            root(ask(location="bücher.example")),
            one,
            (P, L),
        ),
        (
            "third_party_id_not_text",
            "A third-party caveat whose id is not UTF-8, for V2 alone.",
            root(ask(b"\xff\0\xfe"), ACL),
            [answer(EXPIRES, to=b"\xff\0\xfe")],
            (P,),
        ),
        (
            "third_party_key_empty",
            "A third-party caveat with an empty key.",
            root(ask(key=b"")),
            [answer(key=b"")],
            (L,),
        ),
        (
            "third_party_nonce_of_zeroes",
            "A zero nonce: the reader takes the one it finds.",
            root(Ask(SSO, CAVEAT_ID, CAVEAT_KEY, ZERO_NONCE)),
            one,
            (P, L),
        ),
        (
            "third_party_nonce_of_ones",
            "Any nonce will do.",
            root(Ask(SSO, CAVEAT_ID, CAVEAT_KEY, b"\xff" * 24)),
            one,
            (P,),
        ),
        (
            "sixteen_discharges",
            "The most discharges allowed, all for the root.",
            root(*(ask(f"n{n}") for n in range(16))),
            [answer(to=f"n{n}") for n in range(16)],
            (P, L),
        ),
    ]


def add_appendix(vectors: Vectors) -> None:
    made, discharges = bind(P, APPENDIX_ROOT, [APPENDIX_DISCHARGE])
    assert made.parts.signature.hex() == "c7461a3848ee35de32f56e233ceae6905ac59899fa5ce81de61f5af1bc18e6bf"
    assert discharges[0].parts.signature.hex() == "9293c7aaad83985149ce9fd3184691683c1a3ed98c90690648031d3e6c8b7c29"
    assert made.forms["v1"].endswith("SDHRho4SO413jL1biM86uaQWsWYmfpc6B3mH1rxvBjmvwo")
    assert made.forms["v2"].endswith("AABiDHRho4SO413jL1biM86uaQWsWYmfpc6B3mH1rxvBjmvw")
    vectors.credential(
        "appendix_a", "The published example: root and bound discharge.", KEY, made, discharges
    )


def add_nested(vectors: Vectors) -> None:
    """A discharge with a third-party caveat of its own, and so on. Every depth, by the two libraries in turn."""
    for depth in range(1, MAX_DISCHARGES + 1):
        make = P if depth % 2 else L
        made, discharges = bind(make, root(ask("level 1")), chain(depth))
        vectors.credential(
            f"nested_discharges_depth_{depth:02}", f"Discharges nested {depth} deep.", KEY, made, discharges
        )
    made, discharges = bind(L, root(ask("level 1")), chain(5))
    vectors.credential(
        "nested_discharges_reversed", "The innermost discharge comes first.", KEY, made, discharges[::-1]
    )
    fork = [answer(ask("b"), ask("c"), to="a"), answer(EXPIRES, to="b"), answer(ask("d"), to="c"), answer(to="d")]
    for make in (P, L):
        made, discharges = bind(make, root(ask("a"), ask("e")), [*fork, answer(to="e")])
        vectors.credential(
            f"nested_discharges_forked_{SUFFIX[make]}", "A discharge asks for two more.", KEY, made, discharges
        )


def chain(depth: int) -> list[Recipe]:
    inner = [answer(EXPIRES, ask(f"level {n + 1}"), to=f"level {n}") for n in range(1, depth)]
    return [*inner, answer(EXPIRES, to=f"level {depth}")]


def add_mixed(vectors: Vectors) -> None:
    asking, answering = root(VALID_SINCE, ask(), ACL), answer(EXPIRES)
    python, c, hand = P(asking), L(asking), by_hand(asking)
    described = "One library's root, another's discharge, bound by this generator."
    for name, made, discharge in [
        ("root_pymacaroons_discharge_libmacaroons", python, L(answering)),
        ("root_libmacaroons_discharge_pymacaroons", c, P(answering)),
    ]:
        rebound = ByHand(discharge.parts, discharge.producer).bound_to(made)
        vectors.credential(name, described, KEY, made, [rebound])
    bare = ByHand(relocated(hand.parts, None))
    vectors.credential(
        "v2_third_party_no_location_field",
        "V2 whose third-party caveat has no location, as Go writes an empty one.",
        KEY,
        bare,
        [by_hand(answering).bound_to(bare)],
    )
    answered = P(answering).bound_to(python)
    elsewhere = forged(python, location=b"elsewhere.example")
    vectors.credential("location_changed", "The location is a hint that nothing signs.", KEY, elsewhere, [answered])
    elsewhere = ByHand(relocated(python.parts, b"elsewhere.example"), elsewhere.producer)
    vectors.credential(
        "third_party_location_changed",
        "A third-party caveat's location is a hint that nothing signs.",
        KEY,
        elsewhere,
        [answered],
    )


def relocated(parts: Parts, location: bytes | None) -> Parts:
    """The same, with another location in each third-party caveat."""
    moved = (one if one.vid is None else Caveat(one.id, one.vid, location) for one in parts.caveats)
    return parts.changed(caveats=tuple(moved))


def add_alone(vectors: Vectors) -> None:
    """Discharges as a refresh gets them: not bound, and verified by their own key."""
    for make in (P, L):
        alone(vectors, f"alone_unbound_{SUFFIX[make]}", "An unbound discharge by itself.", make(APPENDIX_DISCHARGE))
    wrong = P(answer(EXPIRES, key=OTHER_KEY))
    asks_more = P(answer(EXPIRES, ask("another")))
    to_root = P(APPENDIX_DISCHARGE).bound_to(P(APPENDIX_ROOT))
    alone(vectors, "alone_bound", "A discharge by itself, but bound.", to_root, "Forged")
    alone(vectors, "alone_wrong_key", "A discharge by itself, made with another key.", wrong, "Forged")
    alone(
        vectors, "alone_with_third_party", "A discharge by itself that asks for another.", asks_more, "MissingDischarge"
    )


def alone(vectors: Vectors, name: str, description: str, token: Token, verdict: str = "ok") -> None:
    document = macaroon(token)
    if verdict == "ok":
        assert with_pymacaroons.verifies(CAVEAT_KEY, token, [])
        steps = tails(derive(CAVEAT_KEY), token.parts.identifier, token.parts.caveats)
        assert steps[-1] == token.parts.signature
        document["tails"] = [tail.hex() for tail in steps]
    vectors.add(name, description, token.producer, verdict, key=shown(CAVEAT_KEY), alone=document)
