"""Owns a terminal for programs that insist on one: each prompt is awaited, and answered."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until


@dataclass(frozen=True)
class Answer:
    """What a person types once a prompt is shown; a hidden answer must not be echoed."""

    prompt: str
    text: str
    hidden: bool = False


@dataclass(frozen=True)
class Finished:
    """How a program ended, and everything that the terminal showed."""

    status: int
    shown: str


def converse(
    command: Iterable[str],
    answers: Iterable[Answer],
    *,
    environment: Mapping[str, str],
    directory: Path | None = None,
    seconds: float = 60,
) -> Finished:
    """Runs a program on a terminal of its own. Its prompts must come, in this order."""
    ours, its = pty.openpty()
    # setsid makes the terminal the program's controlling one: hidden answers are read from /dev/tty.
    process = subprocess.Popen(
        ["setsid", "--ctty", *command], stdin=its, stdout=its, stderr=its, env=environment, cwd=directory
    )
    os.close(its)
    try:
        shown = _talk(ours, list(answers), time.monotonic() + seconds)
        return Finished(process.wait(seconds), shown.replace("\r\n", "\n"))
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        os.close(ours)


def _talk(terminal: int, answers: list[Answer], deadline: float) -> str:
    shown, answered = b"", 0
    while piece := _read(terminal, deadline, shown):
        shown += piece
        while answers and (at := shown.find(answers[0].prompt.encode(), answered)) >= 0:
            answer = answers.pop(0)
            answered = at + len(answer.prompt.encode())
            if answer.hidden:
                # What comes before the echo is off is thrown away with it.
                wait_until(lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO, "hiding an answer", every=0.01)
            os.write(terminal, answer.text.encode() + b"\n")
    text = shown.decode(errors="replace")
    assert not answers, f"the program never asked {answers[0].prompt!r}, but said:\n{text}"
    return text


def _read(terminal: int, deadline: float, shown: bytes) -> bytes:
    """More of what the program shows; nothing at its end."""
    if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        raise AssertionError(f"the program did not end, but said:\n{shown.decode(errors='replace')}")
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says so when nobody has the other side open any more.
        return b""
