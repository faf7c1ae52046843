"""What the vectors are about: the keys, locations and caveats that they share."""

from hashlib import sha256

from .construction import Ask, Recipe

STORE = "myapps.developer.ubuntu.com"
SSO = "login.ubuntu.com"

KEY = b"root-key-for-test-vectors-000001"
CAVEAT_KEY = b"caveat-root-key-24-bytes"
OTHER_KEY = b"some other key, 32 bytes long..."

CAVEAT_ID = b'{"secret": "AAAA", "version": 1}'
VALID_SINCE = f"{STORE}|valid_since|2024-01-02T03:04:05.000006".encode()
ACL = f'{STORE}|acl|["package_push"]'.encode()
EXPIRES = f"{SSO}|expires|2030-01-01T00:00:00.000000".encode()
COUNTING_NONCE = bytes(range(24))


def nonce(seed: "str | bytes") -> bytes:
    """24 bytes that look random and are the same each time."""
    return sha256(b"nonce" + (seed if isinstance(seed, bytes) else seed.encode())).digest()[:24]


def ask(caveat_id: "str | bytes" = CAVEAT_ID, key: bytes = CAVEAT_KEY, location: str = SSO) -> Ask:
    """A third-party caveat with a nonce that looks random."""
    as_bytes = caveat_id if isinstance(caveat_id, bytes) else caveat_id.encode()
    return Ask(location, as_bytes, key, nonce(as_bytes))


def root(*caveats: "bytes | Ask", identifier: bytes = b"vector-root-1", location: str = STORE) -> Recipe:
    return Recipe(KEY, location, identifier, caveats)


def answer(
    *caveats: "bytes | Ask", to: "str | bytes" = CAVEAT_ID, key: bytes = CAVEAT_KEY, location: str = SSO
) -> Recipe:
    """The discharge of a third-party caveat."""
    return Recipe(key, location, to if isinstance(to, bytes) else to.encode(), caveats)


# A root and a discharge whose tails and signatures were computed and published independently of this generator.
APPENDIX_ROOT = root(VALID_SINCE, Ask(SSO, CAVEAT_ID, CAVEAT_KEY, COUNTING_NONCE), ACL)
APPENDIX_DISCHARGE = answer(EXPIRES)
