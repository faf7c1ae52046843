"""Owns one account's one-time codes (TOTP, RFC 6238): each step is handed out once, and waited for only when it must be."""

import base64
import hashlib
import hmac
import time

STEP_SECONDS = 30
# A code of the step before is refused once the next step begins, so it is not used in the last seconds of a step.
MARGIN_SECONDS = 4


class OneTimeCodes:
    """The codes of one secret at one server, which takes the steps before, now and after, each once and in order."""

    def __init__(self, secret: str) -> None:
        self._key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self._last = -1

    def fresh(self) -> str:
        """A code that the server takes now. Three are to be had at once; a fourth has to be waited for."""
        while True:
            now = time.time()
            current = int(now // STEP_SECONDS)
            left = STEP_SECONDS - now % STEP_SECONDS
            oldest = current - 1 if left > MARGIN_SECONDS else current
            step = max(oldest, self._last + 1)
            if step <= current + 1:
                self._last = step
                return self._code(step)
            time.sleep(left)

    def wrong(self) -> str:
        """A code that no step near now has."""
        current = int(time.time() // STEP_SECONDS)
        taken = {self._code(step) for step in range(current - 3, current + 4)}
        return next(code for number in range(10) if (code := f"{number:06}") not in taken)

    def _code(self, step: int) -> str:
        digest = hmac.new(self._key, step.to_bytes(8, "big"), hashlib.sha1).digest()
        start = digest[-1] & 0x0F
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
        return f"{number % 1_000_000:06}"
