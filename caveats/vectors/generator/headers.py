"""Vectors of the `Authorization` header: what each client sends, and what none does."""

from base64 import urlsafe_b64encode

from . import wire
from .broken_v1 import PACKETS
from .document import Json, Vectors, parts
from .macaroons import P
from .material import ACL, answer, ask, root
from .token import BY_HAND, Token

MADE = P(root(ACL, ask("a"), ask("b")))
FIRST, SECOND = (P(answer(to=caveat_id)).bound_to(MADE) for caveat_id in "ab")
R, A, B = (token.forms["v1"] for token in (MADE, FIRST, SECOND))
MAX_HEADER_BYTES = 64 * 1024


def add(vectors: Vectors) -> None:
    add_read(vectors)
    add_refused(vectors)


def add_read(vectors: Vectors) -> None:
    v2 = MADE.forms["v2"]
    padded = urlsafe_b64encode(wire.v1(MADE.parts)).decode()
    both: list[Token] = [FIRST, SECOND]
    none: list[Token] = []
    cases: list[tuple[str, str, str, list[Token]]] = [
        (
            "snapcraft",
            "As snapcraft and craft-store write it.",
            f"Macaroon root={R}, discharge={A}, discharge={B}",
            both,
        ),
        (
            "snapd",
            "As snapd and Launchpad write it, with quotation marks.",
            f'Macaroon root="{R}", discharge="{A}", discharge="{B}"',
            both,
        ),
        (
            "surl",
            "As surl writes it, the scheme in lower case.",
            f"macaroon root={R}, discharge={A}, discharge={B}",
            both,
        ),
        ("capitals", "The scheme in capitals.", f"MACAROON root={R}, discharge={A}, discharge={B}", both),
        ("commas_only", "Commas without spaces.", f"Macaroon root={R},discharge={A},discharge={B}", both),
        ("spaces_only", "Spaces without commas.", f"Macaroon root={R} discharge={A} discharge={B}", both),
        ("root_last", "The root comes last.", f"Macaroon discharge={A}, discharge={B}, root={R}", both),
        (
            "root_between",
            "The root comes between the discharges.",
            f"Macaroon discharge={A}, root={R}, discharge={B}",
            both,
        ),
        (
            "reversed",
            "The discharges in the other order.",
            f"Macaroon root={R}, discharge={B}, discharge={A}",
            both[::-1],
        ),
        (
            "blanks_around",
            "Blanks and tabs around everything.",
            f" \tMacaroon \t root={R} \t,\t discharge={A} , discharge={B} \t",
            both,
        ),
        ("comma_at_end", "A comma after the last.", f"Macaroon root={R}, discharge={A}, discharge={B},", both),
        ("half_quoted", "Some quoted, some not.", f'Macaroon root="{R}" discharge={A}, discharge="{B}"', both),
        ("root_only", "No discharges.", f"Macaroon root={R}", none),
        ("padded", "Base64 with padding.", f"Macaroon root={padded}", none),
        ("v2", "A root in V2.", f"Macaroon root={v2}", none),
        ("bare", "A single token without a name.", f"Macaroon {R}", none),
        ("bare_padded", "A single padded token without a name.", f"Macaroon {padded}", none),
        ("bearer", "A single token with the scheme Bearer.", f"Bearer {R}", none),
        ("bearer_lower_case", "The scheme Bearer in lower case.", f"bearer {v2}", none),
    ]
    for name, description, header, discharges in cases:
        documents: list[Json] = [parts(one.parts) for one in discharges]
        body = {"root": parts(MADE.parts), "discharges": documents}
        vectors.add(f"header_{name}", description, MADE.producer, "ok", header=header, **body)


def add_refused(vectors: Vectors) -> None:
    cut = wire.base64(b"".join(PACKETS)[:10])
    for name, description, header, verdict in [
        ("empty", "No header at all.", "", "Scheme"),
        ("scheme_only", "A scheme and nothing else.", "Macaroon", "Scheme"),
        ("no_scheme", "Names without a scheme.", f"root={R}, discharge={A}", "Scheme"),
        ("basic", "Another scheme.", f"Basic {R}", "Scheme"),
        ("scheme_longer", "A scheme that begins like the right one.", f"Macaroons root={R}", "Scheme"),
        ("token_only", "A token without a scheme.", R, "Scheme"),
        ("no_root", "A discharge without a root.", f"Macaroon discharge={A}", "NoRoot"),
        ("nothing_named", "Separators and nothing else.", "Macaroon ,", "Grammar"),
        ("two_roots", "Two roots.", f"Macaroon root={R}, root={R}", "SecondRoot"),
        ("unknown_name", "A name that has no meaning.", f"Macaroon root={R}, other={A}", "Grammar"),
        ("name_in_capitals", "A name in capitals.", f"Macaroon ROOT={R}", "Grammar"),
        ("space_before_equals", "A space before the equals sign.", f"Macaroon root ={R}", "Grammar"),
        ("quote_not_closed", "A quotation mark that is not closed.", f'Macaroon root="{R}', "Grammar"),
        ("single_quotes", "Quotation marks of the other kind.", f"Macaroon root='{R}'", "Root(Base64)"),
        ("no_separator", "Nothing between the pairs.", f'Macaroon root="{R}"discharge="{A}"', "Grammar"),
        ("semicolons", "Semicolons between the pairs.", f"Macaroon root={R};discharge={A}", "Root(Base64)"),
        ("token_after_pair", "A token without a name after a pair.", f"Macaroon root={R}, {A}", "Grammar"),
        ("bearer_with_names", "Names with the scheme Bearer.", f"Bearer root={R}", "Grammar"),
        ("bearer_two_tokens", "Two tokens with the scheme Bearer.", f"Bearer {R} {A}", "Grammar"),
        ("root_empty", "An empty root.", "Macaroon root=", "Root(Format)"),
        ("root_empty_quoted", "An empty root in quotation marks.", 'Macaroon root=""', "Root(Format)"),
        ("root_not_base64", "A root that is not base64.", "Macaroon root=!", "Root(Base64)"),
        ("root_truncated", "A root that is cut short.", f"Macaroon root={cut}", "Root(Truncated at 0)"),
        (
            "discharge_truncated",
            "A discharge that is cut short.",
            f"Macaroon root={R}, discharge={cut}",
            "Discharge(Truncated at 0)",
        ),
        ("discharge_empty", "An empty discharge.", f"Macaroon root={R}, discharge=", "Discharge(Format)"),
        ("bearer_not_a_macaroon", "A token of something else.", "Bearer eyJhbGciOiJIUzI1NiJ9", "Root(Format)"),
    ]:
        vectors.add(f"header_{name}", description, f"{MADE.producer}, changed by {BY_HAND}", verdict, header=header)
    many: Json = [f"Macaroon root={R}", [f", discharge={A}", 17]]
    vectors.add("header_discharges_17", "17 discharges.", MADE.producer, "TooManyDischarges", header=many)
    long: Json = ["Macaroon ", ["A", MAX_HEADER_BYTES]]
    vectors.add("header_too_long", "A header longer than 64 KiB.", BY_HAND, "TooLong", header=long)
