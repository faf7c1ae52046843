"""Owns the `macaroond` program: finding it, running a command, starting `macaroond dev` and stopping it."""

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

STORE_KEYS = Path(__file__).parents[3] / "target" / "tmp" / "store-keys"
DEFAULT_BINARY = Path(__file__).parents[3] / "target" / "debug" / "macaroond"
START_SECONDS = 60
STOP_SECONDS = 20


def find_macaroond() -> str:
    """The program, by MACAROOND or where cargo puts it."""
    binary = Path(os.environ.get("MACAROOND") or DEFAULT_BINARY).absolute()
    if not os.access(binary, os.X_OK) or binary.is_dir():
        pytest.fail(
            f"There is no program at {binary}. Build it with `cargo build -p macaroond`, or name it in MACAROOND.",
            pytrace=False,
        )
    return str(binary)


def environment() -> dict[str, str]:
    """Ours, less what would tell the program or a client something that a test did not."""
    foreign = ("MACAROOND_", "SNAPCRAFT_", "STORE_", "UBUNTU_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    command = [find_macaroond(), *arguments]
    return subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )


class Dev:
    """A running `macaroond dev` with everything in one directory."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._log = directory / "stderr"
        command = [find_macaroond(), "dev", "--json", "--port", "0", "--data-dir", str(directory / "data"), *options]
        # Made once on this machine: a server that makes its own takes seconds for it.
        command += ["--store-keys", str(STORE_KEYS)]
        # Our own code logs all it can: what it must not log is looked for in there.
        variables = environment() | {"MACAROOND_LOG": "info,macaroond=debug"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
            )
        try:
            self.announcement: dict = json.loads(self._first_line())
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def stop(self) -> None:
        """Asks it to end, as an init system does, and insists that it ends well."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"macaroond dev did not end within {STOP_SECONDS} seconds of SIGTERM") from None
        finally:
            self._process.stdout.close()
        assert status == 0, f"macaroond dev ended with status {status}:\n{self.log()}"

    def log(self) -> str:
        """Everything that it has written to standard error."""
        return self._log.read_text(errors="replace")

    def _first_line(self) -> bytes:
        deadline = time.monotonic() + START_SECONDS
        pipe = self._process.stdout.fileno()
        text = b""
        while not text.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise AssertionError(f"macaroond dev said nothing for {START_SECONDS} seconds:\n{self.log()}")
            piece = os.read(pipe, 65536)
            if not piece:
                raise AssertionError(f"macaroond dev ended before it served:\n{self.log()}")
            text += piece
        return text
