"""Owns the exported form of a credential: reading, writing, narrowing and binding it, all with pymacaroons and offline."""

import base64
import json
from dataclasses import dataclass, replace

from pymacaroons import Macaroon

STORE_LOCATION = "myapps.developer.ubuntu.com"


@dataclass(frozen=True)
class Credential:
    """A root and its unbound discharge, each as the text that the service gave out."""

    root: str
    discharge: str

    @classmethod
    def read(cls, export: str) -> "Credential":
        """Reads what craft-store's login() returns and `snapcraft export-login` writes."""
        document = json.loads(base64.b64decode(export, validate=True))
        assert document.keys() == {"t", "v"} and document["v"].keys() == {"r", "d"}, "this is no exported credential"
        assert document["t"] == "u1-macaroon"
        return cls(root=document["v"]["r"], discharge=document["v"]["d"])

    def export(self) -> str:
        """Writes that form."""
        document = {"t": "u1-macaroon", "v": {"r": self.root, "d": self.discharge}}
        return base64.b64encode(json.dumps(document).encode()).decode()

    def narrowed(self, key: str, value: object) -> "Credential":
        """The same with one more caveat in its root, as any holder can add one. What is no text is written as JSON."""
        text = value if isinstance(value, str) else json.dumps(value)
        root = Macaroon.deserialize(self.root)
        root.add_first_party_caveat(f"{STORE_LOCATION}|{key}|{text}")
        return replace(self, root=root.serialize())

    def header(self) -> str:
        """The Authorization header, with the discharge bound to the root."""
        return f"Macaroon root={self.root}, discharge={self.bound_discharge().serialize()}"

    def bound_discharge(self) -> Macaroon:
        return self.root_macaroon().prepare_for_request(self.discharge_macaroon())

    def root_macaroon(self) -> Macaroon:
        return Macaroon.deserialize(self.root)

    def discharge_macaroon(self) -> Macaroon:
        return Macaroon.deserialize(self.discharge)

    def secrets(self) -> set[str]:
        """Every text that must not stand in a log: the whole credential in its forms, and its signatures."""
        macaroons = [self.root_macaroon(), self.discharge_macaroon(), self.bound_discharge()]
        signatures = {macaroon.signature for macaroon in macaroons}
        return signatures | {macaroon.serialize() for macaroon in macaroons} | {self.export(), self.root, self.discharge}


def first_party(macaroon: Macaroon) -> dict[str, str]:
    """The first-party caveats by key. Each is LOCATION|KEY|VALUE with the macaroon's own location; no key comes twice."""
    found: dict[str, str] = {}
    for caveat in macaroon.first_party_caveats():
        location, key, value = caveat.caveat_id.split("|", 2)
        # The SSO's macaroon and the store's each speak under their own name.
        assert location == macaroon.location, caveat.caveat_id
        assert key not in found, f"there are two caveats {key}"
        found[key] = value
    return found
