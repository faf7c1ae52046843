"""Vectors that read well and are not genuine: wrong keys, changes, and discharges that are wrong in every way."""

from .construction import Caveat, derive, h, tails
from .credentials import bind, chain
from .document import Vectors
from .macaroons import SUFFIX, L, Make, P
from .material import ACL, CAVEAT_KEY, EXPIRES, KEY, OTHER_KEY, VALID_SINCE, answer, ask, root
from .token import ByHand, Token, by_hand, forged

FORGED, MISSING, UNUSED, REPEATED = "Forged", "MissingDischarge", "UnusedDischarge", "RepeatedDischarge"


def add(vectors: Vectors) -> None:
    for make in (P, L):
        add_discharges(vectors, make)
    add_keys(vectors)
    add_changes(vectors)
    add_vids(vectors)
    add_cycles(vectors)
    add_precedence(vectors)


def add_keys(vectors: Vectors) -> None:
    caveats = (VALID_SINCE, ACL)
    for make in (P, L):
        wrong = make(root(*caveats))
        vectors.credential(
            f"wrong_root_key_{SUFFIX[make]}", "Verified with another key.", OTHER_KEY, wrong, verdict=FORGED
        )
    longer = P(root(*caveats))
    vectors.credential(
        "wrong_root_key_longer", "Verified with the key and one more zero byte.", KEY + b"\0", longer, verdict=FORGED
    )
    vectors.credential("wrong_root_key_empty", "Verified with an empty key.", b"", longer, verdict=FORGED)
    plain = by_hand(root(*caveats)).parts
    underived = ByHand(plain.changed(signature=tails(KEY, plain.identifier, plain.caveats)[-1]))
    vectors.credential(
        "key_not_derived",
        "Signed with the root key itself, not with what is derived from it.",
        KEY,
        underived,
        verdict=FORGED,
    )
    derived = ByHand(plain.changed(signature=tails(derive(derive(KEY)), plain.identifier, plain.caveats)[-1]))
    vectors.credential(
        "key_derived_twice", "Signed with the key derived from the derived key.", KEY, derived, verdict=FORGED
    )


def add_changes(vectors: Vectors) -> None:
    genuine = P(root(VALID_SINCE, ACL, b"last"))
    parts = genuine.parts
    first, second, last = parts.caveats
    steps = tails(derive(KEY), parts.identifier, parts.caveats)
    flipped = bytes([parts.signature[0] ^ 0x80]) + parts.signature[1:]
    cases: list[tuple[str, str, dict[str, object]]] = [
        ("identifier_changed", "One letter of the identifier is another.", {"identifier": b"vector-root-2"}),
        ("identifier_longer", "The identifier has a byte more.", {"identifier": parts.identifier + b" "}),
        (
            "caveat_changed",
            "One letter of a caveat is another.",
            {"caveats": (first, Caveat(ACL.replace(b"push", b"pull")), last)},
        ),
        ("caveat_dropped", "The last caveat is gone.", {"caveats": (first, second)}),
        ("caveat_dropped_first", "The first caveat is gone.", {"caveats": (second, last)}),
        ("caveats_all_dropped", "Every caveat is gone.", {"caveats": ()}),
        ("caveats_swapped", "Two caveats have changed places.", {"caveats": (second, first, last)}),
        ("caveat_doubled", "A caveat stands twice, and is signed once.", {"caveats": (first, second, last, last)}),
        ("caveat_added", "A caveat is there that is not signed.", {"caveats": (*parts.caveats, Caveat(b"more"))}),
        ("caveats_joined", "Two caveats have become one.", {"caveats": (first, Caveat(second.id + last.id))}),
        ("signature_changed", "One bit of the signature is another.", {"signature": flipped}),
        ("signature_zero", "A signature of zeroes.", {"signature": bytes(32)}),
        ("signature_of_earlier_caveat", "The signature before the last caveat.", {"signature": steps[-2]}),
        (
            "signature_of_one_caveat_more",
            "The signature after a caveat that is not there.",
            {"signature": h(steps[-1], b"more")},
        ),
        (
            "first_party_as_third_party",
            "A first-party caveat has got an empty vid.",
            {"caveats": (first, Caveat(second.id, b"", b""), last)},
        ),
    ]
    for name, description, changes in cases:
        vectors.credential(name, description, KEY, forged(genuine, **changes), verdict=FORGED)


def add_vids(vectors: Vectors) -> None:
    asking = root(VALID_SINCE, ask(), ACL)
    genuine, (discharge,) = bind(P, asking, [answer(EXPIRES)])
    before, third, after = genuine.parts.caveats
    vid = third.vid or b""
    changed = {
        "vid_changed": ("One bit of a vid is another.", vid[:-1] + bytes([vid[-1] ^ 1])),
        "vid_nonce_changed": ("One bit of a vid's nonce is another.", bytes([vid[0] ^ 1]) + vid[1:]),
    }
    for name, (description, other) in changed.items():
        caveats = (before, Caveat(third.id, other, third.location), after)
        vectors.credential(name, description, KEY, forged(genuine, caveats=caveats), [discharge], FORGED)
    unsigned = forged(genuine, caveats=(before, Caveat(third.id), after))
    vectors.credential(
        "third_party_as_first_party", "A third-party caveat has lost its vid.", KEY, unsigned, verdict=FORGED
    )

    # Properly signed, by someone who holds the key or appends to the end, around a vid that can't be opened.
    for name, description, other in [
        ("vid_of_71_bytes", "A signed vid that is a byte short.", vid[:-1]),
        ("vid_of_73_bytes", "A signed vid with a byte more.", vid + b"\0"),
        ("vid_empty", "A signed vid without a byte.", b""),
        ("vid_of_24_bytes", "A signed vid that is only a nonce.", vid[:24]),
        ("vid_of_40_bytes", "A signed vid that holds an empty key.", vid[:40]),
        ("vid_of_another_tail", "A signed vid that was sealed under another tail.", vid),
    ]:
        parts = genuine.parts.changed(caveats=(Caveat(third.id, other, third.location),))
        made = forged(genuine, caveats=parts.caveats, signature=tails(derive(KEY), parts.identifier, parts.caveats)[-1])
        vectors.credential(name, description, KEY, made, [by_hand(answer(EXPIRES)).bound_to(made)], FORGED)


def add_discharges(vectors: Vectors, make: Make) -> None:
    def vector(name: str, description: str, verdict: str, made: Token, discharges: list[Token]) -> None:
        vectors.credential(f"discharge_{name}_{SUFFIX[make]}", description, KEY, made, discharges, verdict)

    made, (good,) = bind(make, root(VALID_SINCE, ask(), ACL), [answer(EXPIRES)])
    unbound = make(answer(EXPIRES))
    other_root = make(root(ask(), identifier=b"vector-root-2"))
    earlier = make(root(VALID_SINCE, ask()))
    bare = make(root(VALID_SINCE, ACL))
    stranger = make(answer(EXPIRES, to="another caveat")).bound_to(made)
    wrong = make(answer(EXPIRES, key=OTHER_KEY)).bound_to(made)
    vector("unbound", "The discharge is as the third party gave it.", FORGED, made, [unbound])
    vector("bound_twice", "The discharge was bound, and bound again.", FORGED, made, [good.bound_to(made)])
    vector(
        "bound_to_another_root", "The discharge is bound to another root.", FORGED, made, [unbound.bound_to(other_root)]
    )
    vector(
        "bound_before_the_last_caveat",
        "The root got a caveat after the discharge was bound.",
        FORGED,
        made,
        [unbound.bound_to(earlier)],
    )
    vector("bound_to_itself", "The discharge is bound to a discharge.", FORGED, made, [unbound.bound_to(unbound)])
    vector("wrong_key", "The discharge was made with another key.", FORGED, made, [wrong])
    vector("missing", "There is no discharge.", MISSING, made, [])
    vector("for_another_caveat", "The discharge answers a caveat that is not there.", MISSING, made, [stranger])
    vector("unused", "There is a discharge that no caveat asks for.", UNUSED, made, [good, stranger])
    vector("unused_without_third_party", "The root asks for no discharge.", UNUSED, bare, [unbound.bound_to(bare)])
    vector("repeated", "The same discharge comes twice.", REPEATED, made, [good, good])
    vector(
        "repeated_differently", "Two discharges for one caveat.", REPEATED, made, [good, make(answer()).bound_to(made)]
    )

    twice, (once,) = bind(make, root(ask(), ask(key=OTHER_KEY)), [answer(EXPIRES)])
    vector("shared", "Two caveats with one id and two keys, and a single discharge.", MISSING, twice, [once])
    same, (once,) = bind(make, root(ask(), ask()), [answer(EXPIRES)])
    description = "Two caveats with one id and one key, and a single discharge: one serves one. pymacaroons takes it."
    vectors.credential(f"discharge_shared_key_{SUFFIX[make]}", description, KEY, same, [once], MISSING, agrees=False)

    deep, inner = bind(make, root(ask("level 1")), chain(3))
    vector("nested_missing", "The innermost discharge is missing.", MISSING, deep, inner[:2])
    vector("nested_missing_outer", "The outermost discharge is missing.", MISSING, deep, inner[1:])
    to_parent = make(chain(3)[2]).bound_to(inner[1])
    vector(
        "nested_bound_to_parent",
        "The inner discharge is bound to the one that asks for it.",
        FORGED,
        deep,
        [*inner[:2], to_parent],
    )
    seventeen, many = bind(make, root(ask("level 1")), chain(17))
    vector("nested_depth_17", "Discharges nested 17 deep.", "TooManyDischarges", seventeen, many)
    wide, many = bind(make, root(*(ask(f"n{n}") for n in range(17))), [answer(to=f"n{n}") for n in range(17)])
    vector("seventeen", "17 discharges, all for the root.", "TooManyDischarges", wide, many)


def add_cycles(vectors: Vectors) -> None:
    for name, description, first, cycle in [
        ("itself", "A discharge asks for itself.", "a", [answer(ask("a"), to="a")]),
        ("two", "Two discharges ask for each other.", "a", [answer(ask("b"), to="a"), answer(ask("a"), to="b")]),
        (
            "back",
            "An inner discharge asks for the first.",
            "a",
            [answer(ask("b"), to="a"), answer(ask("c"), to="b"), answer(ask("a"), to="c")],
        ),
    ]:
        for make in (P, L):
            made, discharges = bind(make, root(ask(first)), cycle)
            vectors.credential(f"discharge_cycle_{name}_{SUFFIX[make]}", description, KEY, made, discharges, MISSING)
    made, discharges = bind(P, root(ask("a")), [answer(ask("vector-root-1"), to="a")])
    vectors.credential(
        "discharge_asks_for_root", "A discharge asks for the root itself.", KEY, made, discharges, MISSING
    )


def add_precedence(vectors: Vectors) -> None:
    """Someone who forges learns nothing about the discharges."""
    asking = root(VALID_SINCE, ask(), ACL)
    genuine, (good,) = bind(P, asking, [answer(EXPIRES)])
    stranger = P(answer(EXPIRES, to="another caveat")).bound_to(genuine)
    false = forged(genuine, identifier=b"vector-root-2")
    for name, discharges in [("missing", []), ("unused", [good, stranger]), ("repeated", [good, good])]:
        vectors.credential(
            f"forged_root_discharge_{name}",
            f"A forged root, and the discharge {name}: the forgery is told.",
            KEY,
            false,
            list(discharges),
            FORGED,
        )
    forged_discharge = forged(good, caveats=())
    vectors.credential(
        "discharge_caveat_dropped", "The discharge has lost its caveat.", KEY, genuine, [forged_discharge], FORGED
    )
    more = forged(good, caveats=(*good.parts.caveats, Caveat(b"more")))
    vectors.credential(
        "discharge_caveat_added", "The discharge has a caveat that is not signed.", KEY, genuine, [more], FORGED
    )
    swapped = ByHand(good.parts)
    vectors.credential(
        "root_and_discharge_swapped",
        "The discharge stands where the root should.",
        KEY,
        swapped,
        [ByHand(genuine.parts)],
        FORGED,
    )
    alone = P(answer(EXPIRES, key=CAVEAT_KEY))
    vectors.credential("discharge_as_root", "A discharge in place of the root.", KEY, alone, verdict=FORGED)
