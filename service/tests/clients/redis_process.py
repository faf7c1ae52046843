"""Owns a real redis-server: finding it, starting it empty on a free port, and stopping it. A missing one fails loudly."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from waiting import wait_until


def find_redis_server() -> str:
    """The program, by REDIS_SERVER or on the PATH. A symbolic link is not followed: Debian's program looks at its own name."""
    named = os.environ.get("REDIS_SERVER")
    found = shutil.which(named or "redis-server")
    if found is None:
        pytest.fail(
            f"There is no redis-server ({named or 'on the PATH'}), and without one half of this suite cannot run. "
            "Install redis-server, or name the program in REDIS_SERVER.",
            pytrace=False,
        )
    return found


class Redis:
    """A redis-server that keeps nothing on disk."""

    def __init__(self, directory: Path) -> None:
        self._log = directory / "redis.log"
        self._port = _free_port()
        options = {"port": self._port, "bind": "127.0.0.1", "dir": directory, "save": "", "appendonly": "no"}
        command = [find_redis_server(), *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(self._answers, "the start of redis-server", every=0.01)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"redis-server did not start:\n{self._log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
