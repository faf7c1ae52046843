"""Owns the fixtures of the clients suite: unmodified clients work against a running `macaroond dev`.

To run it, from the root of the repository:

    cargo build -p macaroond
    python3 -m venv target/venv && target/venv/bin/pip install -r service/tests/clients/requirements.txt
    target/venv/bin/pytest service/tests/clients

It needs `mksquashfs` (Debian's squashfs-tools), a real `redis-server`, GnuPG with its agent, snapd's `snap` and a
snapcraft. MACAROOND, REDIS_SERVER, SNAP_TOOL and SNAPCRAFT name the programs where they are not in their usual places;
scripts/redis_server.sh, snap_tool.sh and snapcraft_tool.sh there print where theirs are. Nothing is skipped: what is
missing fails, in a sentence.

Every test of a server runs twice, with the revocation list in the process (`embedded`) and in a Redis of its own (`redis`). Every
server is fresh, and after each test what it logged is searched for panics and secrets.
"""

import contextlib
import fcntl
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from macaroond import Dev
from publishing import Published, register, upload
from redis_process import Redis
from snap_file import make_snap
from snap_tool import Key, SnapTool
from store import Store

# The beginning of a macaroon, and of an exported credential, in base64: nothing of the kind belongs in a log.
CREDENTIAL_TEXT = re.compile(r"MDA[0-9A-Za-z_-]{60,}|eyJ0Ijog[0-9A-Za-z+/]{60,}")


@pytest.fixture(autouse=True)
def _clients_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between client and service, and a 5xx is told at once instead of after minutes of retries."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("CRAFT_STORE_RETRIES", "0")


@pytest.fixture(params=["embedded", "redis"])
def revocation_list(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Where the service keeps its revocation list, as options of `macaroond dev`."""
    if request.param == "embedded":
        yield ()
        return
    redis = Redis(tmp_path)
    try:
        yield ("--redis-url", redis.url)
    finally:
        redis.stop()


@pytest.fixture
def start_store(revocation_list: tuple[str, ...], tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Starts a service with more options. It is stopped, and its log is judged, when the test is over."""
    with contextlib.ExitStack() as running:

        def start(*options: str) -> Store:
            return running.enter_context(_running(tmp_path, *revocation_list, *options))

        yield start


@pytest.fixture
def store(start_store: Callable[..., Store]) -> Store:
    """A service with its ordinary settings."""
    return start_store()


@pytest.fixture
def published(store: Store, tmp_path: Path) -> Published:
    """Revision 1 of a snap, released nowhere."""
    publisher, name = store.login(), "hello-macaroon"
    snap_id = register(publisher, name)
    assert int(upload(publisher, name, make_snap(tmp_path, name))["revision"]) == 1
    return Published(publisher, name, snap_id)


@pytest.fixture(scope="session")
def keys_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where the keys are kept for every process of this run: keys are slow to make, and all tests take the same two."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def build_key(keys_directory: Path) -> Iterator[Key]:
    """A key for signing builds, which no service knows yet."""
    yield from _key(keys_directory, "first")


@pytest.fixture(scope="session")
def second_key(keys_directory: Path) -> Iterator[Key]:
    """Another key, by the same name."""
    yield from _key(keys_directory, "second")


def _key(directory: Path, which: str) -> Iterator[Key]:
    kept = directory / which
    with (directory / f"{which}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with contextlib.closing(SnapTool()) as maker:
                maker.create_key("build")
                maker.keep(kept)
    with contextlib.closing(SnapTool(kept)) as tool:
        yield tool.key("build")


@contextlib.contextmanager
def _running(directory: Path, *options: str) -> Iterator[Store]:
    dev = Dev(directory, *options)
    store = Store(dev.announcement)
    try:
        with store.closing_clients():
            yield store
    finally:
        try:
            dev.stop()
        finally:
            _judge(dev.log(), store.secrets)
            print(dev.log())


def _judge(log: str, secrets: set[str]) -> None:
    """Fails on a panic, and on a secret, which is not repeated here."""
    assert "panicked" not in log, f"the service panicked:\n{log}"
    lines = [number for number, line in enumerate(log.splitlines(), 1) if any(secret in line for secret in secrets)]
    assert not lines, f"the service logged a secret in the lines {lines} of its standard error"
    assert not CREDENTIAL_TEXT.search(log), "the service logged something that looks like a credential"
