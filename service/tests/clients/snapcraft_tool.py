"""Owns a real, unmodified snapcraft as a person at a terminal uses it: where it finds the service, and what it is told."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from macaroond import environment
from snap_tool import SnapTool, find_snap
from store import Account, Store
from terminal import Answer, Finished, converse

# It asks the store every five seconds what became of an upload.
SECONDS = 60


def find_snapcraft() -> str:
    """The program, by SNAPCRAFT or on the PATH."""
    named = os.environ.get("SNAPCRAFT") or "snapcraft"
    found = shutil.which(named)
    if found is None:
        pytest.fail(
            f"There is no program {named}. Run scripts/snapcraft_tool.sh, and name in SNAPCRAFT what it prints.",
            pytrace=False,
        )
    return found


class Snapcraft:
    """snapcraft in a home of its own, with somebody's keys."""

    def __init__(self, store: Store, home: Path, keys: SnapTool) -> None:
        self._home = home
        self._keys = keys
        self._program = find_snapcraft()
        # It looks for `snap` on the PATH.
        tools = home / "bin"
        tools.mkdir(parents=True)
        (tools / "snap").symlink_to(find_snap())
        self._environment = environment() | keys.environment | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "UBUNTU_ONE_SSO_URL": store.sso_url,
            "STORE_DASHBOARD_URL": store.base_url,
            "STORE_UPLOAD_URL": store.base_url,
            "SNAPCRAFT_ENABLE_ERROR_REPORTING": "no",
        }

    def run(self, *arguments: str) -> str:
        """Runs a command that asks nothing; answers with what it says."""
        return self._done(arguments, ())

    def fails(self, *arguments: str) -> str:
        """Runs a command that must fail; answers with what it says."""
        done = self._converse(arguments, ())
        assert done.status != 0, done.shown
        return done.shown

    def run_with_login(self, *arguments: str, account: Account) -> str:
        """Runs a command that asks for address, password and code."""
        asked = [
            Answer("Email: ", account.email),
            Answer("Password: ", account.password, hidden=True),
            Answer("Second-factor auth: ", account.codes.fresh()),
        ]
        return self._done(arguments, asked)

    def create_key(self, name: str) -> None:
        """Makes a key, for which `snap` asks for a passphrase."""
        self._done(["create-key", name], self._keys.passphrase_twice())

    def _done(self, arguments: Sequence[str], asked: Sequence[Answer]) -> str:
        done = self._converse(arguments, asked)
        assert done.status == 0, done.shown
        return done.shown

    def _converse(self, arguments: Sequence[str], asked: Sequence[Answer]) -> Finished:
        command = [self._program, *arguments]
        return converse(command, asked, environment=self._environment, directory=self._home, seconds=SECONDS)
