"""Owns snapd's own `snap`, in its part that makes keys and signs: finding it, and a GnuPG home in which it keeps keys.

The keys are real ones with a passphrase. `snap` asks for it on a terminal when it makes a key; when it signs, GnuPG's
agent asks a pinentry, which is a script here.
"""

import json
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from terminal import Answer, converse
from waiting import wait_until

PINENTRY = """\
#!/bin/sh
# Answers GnuPG's agent as a person does who knows the passphrase.
echo OK
while read -r command _; do
  [ "$command" = GETPIN ] && echo "D $(cat "$(dirname "$0")/passphrase")"
  echo OK
  [ "$command" = BYE ] && exit
done
"""


def find_snap() -> str:
    """The program, by SNAP_TOOL or on the PATH."""
    named = os.environ.get("SNAP_TOOL") or "snap"
    return _find(named, "Run scripts/snap_tool.sh, and name in SNAP_TOOL what it prints.")


class SnapTool:
    """`snap` with a GnuPG home of its own, in which there are no keys, or those that were kept somewhere."""

    def __init__(self, kept: Path | None = None) -> None:
        self._snap, gpg = find_snap(), _find("gpg", "Install Debian's gpg and gpg-agent.")
        # GnuPG's agent listens in there, and the path of a socket is short.
        self._home = Path(tempfile.mkdtemp(prefix="snap-"))
        self._passphrase, pinentry = self._home / "passphrase", self._home / "pinentry"
        if kept:
            shutil.copytree(kept, self._home, dirs_exist_ok=True)
        else:
            self._passphrase.write_text(secrets.token_urlsafe())
        pinentry.write_text(PINENTRY)
        pinentry.chmod(stat.S_IRWXU)
        (self._home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\n")
        # It looks for GnuPG 1 first, which asks without an agent; and a snap of snapd would run in its place.
        self.environment = {"SNAP_GNUPG_HOME": str(self._home), "SNAP_GNUPG_CMD": gpg, "SNAP_REEXEC": "0"}

    def create_key(self, name: str) -> None:
        """Makes a key of 4096 bits, which takes some seconds."""
        command = [self._snap, "create-key", name]
        made = converse(command, self.passphrase_twice(), environment=os.environ | self.environment)
        assert made.status == 0, made.shown

    def passphrase_twice(self) -> list[Answer]:
        """What is typed when a key is made, also by a program that has `snap` make it."""
        prompts = ("Passphrase: ", "Confirm passphrase: ")
        return [Answer(prompt, self._passphrase.read_text(), hidden=True) for prompt in prompts]

    def key(self, name: str) -> "Key":
        ids = {key["name"]: key["sha3-384"] for key in json.loads(self.run("keys", "--json"))}
        return Key(self, name, ids[name])

    def keep(self, directory: Path) -> None:
        """Keeps the keys in a new directory."""
        shutil.copytree(self._home, directory, ignore=shutil.ignore_patterns("S.*", "gpg-agent.conf", "pinentry"))

    def run(self, *arguments: str, given: str = "", store_url: str = "") -> str:
        """Runs a command that asks nothing at the terminal; answers with what it prints. The URL is that of its store."""
        done = subprocess.run(
            [self._snap, *arguments],
            env=os.environ | self.environment | {"SNAPPY_FORCE_API_URL": store_url},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"snap {arguments[0]}: {done.stderr}"
        return done.stdout

    def close(self) -> None:
        """Ends the agent, and forgets the keys."""
        subprocess.run(["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"], check=True)
        # As it ends, it takes its sockets away itself.
        wait_until(lambda: not any(self._home.glob("S.*")), "the end of gpg-agent", every=0.01)
        shutil.rmtree(self._home)


@dataclass(frozen=True)
class Key:
    """A key that `snap` keeps. id: SHA3-384 of the public key, in URL-safe base64."""

    tool: SnapTool
    name: str
    id: str

    def export(self, account_id: str) -> str:
        """An account-key-request: the public key, signed by itself, for an account."""
        return self.tool.run("export-key", f"--account={account_id}", self.name)

    def sign_build(self, file: Path, *, snap_id: str, account_id: str) -> str:
        """A snap-build assertion for a file, as `snapcraft sign-build` has it made."""
        return self.tool.run(
            "sign-build", f"--developer-id={account_id}", f"--snap-id={snap_id}", f"-k={self.name}", str(file)
        )

    def sign(self, headers: Mapping[str, str]) -> str:
        """Any assertion, true or not."""
        return self.tool.run("sign", f"-k={self.name}", given=json.dumps(dict(headers)))


def _find(program: str, help_: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"There is no program {program}, and without it nothing can be signed. {help_}", pytrace=False)
    return found
