"""Owns what every refusal must look like to craft-store, whatever it is about."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests
from craft_store.errors import StoreServerError

# The challenge that goes with a code, to the letter: snapcraft 2 to 6 compares it.
CHALLENGES = {
    "macaroon-authorization-required": 'Macaroon realm="Devportal"',
    "macaroon-needs-refresh": "Macaroon needs_refresh=1",
}


@dataclass(frozen=True)
class Refusal:
    """A refusal as craft-store understood it."""

    message: str
    extra: dict
    body: dict
    response: requests.Response


def refused(attempt: Callable[[], object], *, status: int, code: str) -> Refusal:
    """Makes the attempt, and insists that it is refused in this way and that craft-store can say why."""
    with pytest.raises(StoreServerError) as caught:
        attempt()
    error, response = caught.value, caught.value.response
    assert (response.status_code, repr(error.error_list)) == (status, f"<StoreErrorList: {code}>"), response.text
    challenge = response.headers.get("WWW-Authenticate", "")
    assert challenge == CHALLENGES[code] if code in CHALLENGES else "needs_refresh" not in challenge
    body, entry = response.json(), error.error_list[code]
    assert entry["message"] and not set(entry["message"]) & set("{}"), "snapcraft 4 formats messages"
    assert str(error) == f"Store operation failed:\n- {code}: {entry['message']}"
    return Refusal(entry["message"], entry.get("extra", {}), body, response)
