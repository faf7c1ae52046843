"""Vectors made by py-macaroon-bakery: its wrapper around a macaroon in each version, and the discharges it makes.

Version 1 wraps nothing and signs V1. Version 2 wraps nothing and signs V2. Version 3, the current one, wraps V2 and
carries what third parties need beside it.
"""

from datetime import datetime

from macaroonbakery import bakery, checkers

from .document import Vectors
from .with_bakery import Made, discharge, fixed_chance, locator, private_key

LOCATION = "https://store.example"
KEY = b"root key of the bakery's vectors"
SERVICE, IDM, OTHER = (private_key(name) for name in ("service", "idm", "other"))
Caveats = list[checkers.Caveat]


def add(vectors: Vectors) -> None:
    for version in (bakery.VERSION_1, bakery.VERSION_2, bakery.VERSION_3):
        for name, description, make in (
            ("no_caveats", "no caveats", no_caveats),
            ("first_party", "first-party caveats from a checker's namespace", first_party),
            ("discharged", "a third-party caveat and its discharge", discharged),
            ("discharged_twice", "two third-party caveats and their discharges", discharged_twice),
            ("nested", "a discharge that asks for another", nested),
            ("local", "a caveat for the client's own key", local),
        ):
            with fixed_chance(f"{version} {name}"):
                root, discharges = make(version)
            made = Made(root)
            bound = [Made(one).bound_to(made) for one in discharges]
            vectors.credential(
                f"bakery_v{version}_{name}",
                f"A macaroon of bakery version {version} with {description}.",
                KEY,
                made,
                list(bound),
            )


Result = tuple[bakery.Macaroon, list[bakery.Macaroon]]


def minted(version: int, caveats: Caveats) -> bakery.Macaroon:
    namespace = checkers.Namespace({checkers.STD_NAMESPACE: ""})
    macaroon = bakery.Macaroon(KEY, b"bakery-root-1", LOCATION, version, namespace)
    macaroon.add_caveats(caveats, SERVICE, locator(version, idm=IDM, other=OTHER))
    return macaroon


def asks(name: str) -> checkers.Caveat:
    return checkers.Caveat(location=f"https://{name}.example", condition="is-authenticated-user")


def no_caveats(version: int) -> Result:
    return minted(version, []), []


def first_party(version: int) -> Result:
    at = datetime(2027, 5, 20, 20, 30, 22)
    return minted(version, [checkers.time_before_caveat(at), checkers.declared_caveat("username", "bob")]), []


def discharged(version: int) -> Result:
    root = minted(version, [checkers.declared_caveat("username", "bob"), asks("idm")])
    return root, [discharge(root, 0, IDM, [checkers.declared_caveat("group", "ops")], locator(version))]


def discharged_twice(version: int) -> Result:
    root = minted(version, [asks("idm"), asks("other")])
    return root, [discharge(root, 0, IDM, [], locator(version)), discharge(root, 1, OTHER, [], locator(version))]


def nested(version: int) -> Result:
    root = minted(version, [asks("idm")])
    outer = discharge(root, 0, IDM, [asks("other")], locator(version, other=OTHER))
    return root, [outer, discharge(outer, 0, OTHER, [], locator(version))]


def local(version: int) -> Result:
    root = minted(version, [bakery.local_third_party_caveat(IDM.public_key, version)])
    return root, [discharge(root, 0, IDM, [], locator(version))]
