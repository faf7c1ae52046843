#!/usr/bin/env python3
"""Owns the vectors that snapd's own tool makes: drives `snap` through a terminal, and writes what it prints.

  vectors/make.py

Needs Debian's snapd and gnupg, and neither a network nor the daemon. Each run makes a new key, which is thrown away, so
that the bytes differ from run to run; what they say does not, but for the moments. Writes vectors/valid/snap-*, and
vectors/valid/snap.json with the version of the tool and what is to be found in the files.
"""

import base64
import hashlib
import json
import os
import pathlib
import pty
import re
import shutil
import stat
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
VALID = HERE / "valid"
ACCOUNT = "J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj"
SNAP_ID = "buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ"
OTHER_SNAP_ID = "99T7MUlRhtI3U0QFgl5mXXESAiSwt776"
PASSPHRASE = "not-a-secret"
TIME = "2026-11-24T20:30:00Z"
# What gpg-agent asks for passphrases.
PINENTRY = f"""#!/bin/sh
echo OK
while read -r command rest; do
  case $command in
    GETPIN) echo "D {PASSPHRASE}"; echo OK ;;
    BYE) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
"""


def main() -> None:
    home = pathlib.Path(tempfile.mkdtemp(prefix="snap-keys-"))
    os.environ |= {"SNAP_GNUPG_HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "Europe/Paris"}
    try:
        pinentry = home / "pinentry"
        pinentry.write_text(PINENTRY)
        pinentry.chmod(pinentry.stat().st_mode | stat.S_IXUSR)
        (home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\n")
        create_key("default")
        write_all()
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False)
        shutil.rmtree(home, ignore_errors=True)


def create_key(name: str) -> None:
    """Answers both questions for a passphrase, which are asked on a terminal only."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("snap", ["snap", "create-key", name])
    asked = b""
    while True:
        try:
            asked += os.read(terminal, 4096)
        except OSError:
            break
        if asked.lower().endswith(b"assphrase: "):
            os.write(terminal, PASSPHRASE.encode() + b"\n")
            asked = b""
    if os.waitpid(pid, 0)[1] != 0:
        raise SystemExit(f"snap create-key failed: {asked.decode()}")


def snap(*arguments: str, text: str = "") -> str:
    done = subprocess.run(["snap", *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"snap {' '.join(arguments)} failed: {done.stderr}")
    return done.stdout


def write_all() -> None:
    VALID.mkdir(exist_ok=True)
    for old in VALID.glob("snap-*"):
        old.unlink()
    key_id = json.loads(snap("keys", "--json"))[0]["sha3-384"]
    key = snap("export-key", "default").rstrip("\n")
    write("snap-public-key.txt", key)
    write("snap-account-key-request.assert", snap("export-key", f"--account={ACCOUNT}", "default"))
    with tempfile.NamedTemporaryFile(suffix=".snap") as file:
        content = b"hsqs" + bytes(4092)
        file.write(content)
        file.flush()
        digest = hashlib.sha3_384(content).digest()
        build = snap("sign-build", f"--developer-id={ACCOUNT}", f"--snap-id={SNAP_ID}", "-k", "default", file.name)
        write("snap-snap-build.assert", build)
        build = snap("sign-build", "--grade=devel", f"--developer-id={ACCOUNT}", f"--snap-id={SNAP_ID}", file.name)
        write("snap-snap-build-devel.assert", build)
    for name, headers in drafts(key_id, key, digest).items():
        write(f"snap-{name}.assert", snap("sign", "-k", "default", text=json.dumps(headers)))
    version = re.search(r"^snap\s+(\S+)", snap("version"), re.M)[1]
    gnupg = subprocess.run(["gpg", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    made = {"snap": version, "gnupg": gnupg, "key": key_id, "file-sha3-384": digest.hex(), "file-size": 4096}
    write("snap.json", json.dumps(made, indent=2) + "\n")


def drafts(key_id: str, key: str, digest: bytes) -> dict[str, dict]:
    """Statements of a store, in all the shapes that a header can have."""
    store = {"authority-id": "acme-store"}
    text = encode(digest)
    rules = {
        "allow-connection": {"plug-attributes": {"content": "a|b"}, "plug-snap-type": ["app", "core"]},
        "deny-auto-connection": "true",
    }
    return {
        "account": store
        | {
            "type": "account",
            "revision": "7",
            "account-id": ACCOUNT,
            "username": "ada",
            "display-name": "Ada Lovelace Æ 愛",
            "validation": "verified",
            "timestamp": TIME,
        },
        "account-key": store
        | {
            "type": "account-key",
            "public-key-sha3-384": key_id,
            "account-id": "acme-store",
            "name": "default",
            "since": "2016-04-01T00:00:00.0Z",
            "until": "2036-04-01T00:00:00+02:00",
            "body": key,
        },
        "snap-declaration": store
        | {
            "type": "snap-declaration",
            "format": "1",
            "revision": "1",
            "series": "16",
            "snap-id": SNAP_ID,
            "snap-name": "hello",
            "publisher-id": ACCOUNT,
            "refresh-control": [OTHER_SNAP_ID],
            "auto-aliases": ["hi", "hello.sh"],
            "aliases": [{"name": "hi", "target": "hello-app"}, {"name": "hello.sh", "target": "sh"}],
            "plugs": {"content": rules, "home": {"allow-auto-connection": "true"}},
            "slots": {"content": "false"},
            "timestamp": TIME,
            "x-text": "first line\n  second, indented\n\nfourth",
            "x-texts": ["one", "two\nlines", ["nested", "list"], {"key": "value", "text": "a\nb"}],
            "x-empty": "",
            "x-none": [],
        },
        "snap-declaration-unnamed": store
        | {
            "type": "snap-declaration",
            "series": "16",
            "snap-id": OTHER_SNAP_ID,
            "snap-name": "",
            "publisher-id": ACCOUNT,
            "timestamp": TIME,
        },
        "snap-revision": store
        | {
            "type": "snap-revision",
            "snap-sha3-384": text,
            "snap-id": SNAP_ID,
            "snap-size": "4096",
            "snap-revision": "3",
            "developer-id": ACCOUNT,
            "timestamp": TIME,
        },
        "snap-revision-provenance": store
        | {
            "type": "snap-revision",
            "revision": "1",
            "snap-sha3-384": text,
            "provenance": "acme-build-farm",
            "snap-id": SNAP_ID,
            "snap-size": "18446744073709551615",
            "snap-revision": "1",
            "developer-id": ACCOUNT,
            "timestamp": TIME,
        },
        "validation": {
            "type": "validation",
            "authority-id": ACCOUNT,
            "revision": "2",
            "series": "16",
            "snap-id": SNAP_ID,
            "approved-snap-id": OTHER_SNAP_ID,
            "approved-snap-revision": "42",
            "revoked": "true",
            "timestamp": "2026-11-24T21:30:00.123456789+01:00",
        },
        "snap-build-body": {
            "type": "snap-build",
            "authority-id": ACCOUNT,
            "snap-sha3-384": text,
            "snap-id": SNAP_ID,
            "snap-size": "4096",
            "grade": "stable",
            "timestamp": TIME,
            "body": "A body may hold\n\nblank lines,\nand end with some.\n\n",
        },
    }


def encode(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def write(name: str, text: str) -> None:
    (VALID / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
