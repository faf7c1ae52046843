"""The table of refusals in docs/errors.md: each command is run as it stands there, and must be answered as it says there."""

import json
import os
import re
import subprocess
from pathlib import Path

import requests

from publishing import Published, register
from store import Store

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"
ROW = re.compile(r"^\| `(?P<command>curl .*)` \| (?P<status>\d{3}) \| (?P<says>.*) \|$", re.MULTILINE)


def test_every_command_on_the_page_is_answered_as_the_page_says(store: Store, published: Published) -> None:
    rows = list(ROW.finditer(PAGE.read_text()))
    assert len(rows) > 20, "the table of docs/errors.md has lost its form"
    environment = os.environ | variables(store, published)
    wrong = [problem for row in rows if (problem := difference(row, environment))]
    assert not wrong, "\n".join(wrong)


def variables(store: Store, published: Published) -> dict[str, str]:
    """What the page says its variables hold."""
    whole = published.publisher.stored().narrowed("acl", ["package_access", "package_push", "package_release"])
    other_id = register(published.publisher, "another-snap")
    one_snap = whole.narrowed("package_id", [published.snap_id])
    revoked = one_snap.narrowed("expires", "2999-12-31T00:00:00")
    body = {"text": revoked.export(), "reason": "found in a build log"}
    assert published.publisher.post("/v1/revocations", body).status_code == 200
    upload = requests.post(store.base_url + "/unscanned-upload/", files={"binary": b"no snap at all"}, timeout=10)
    return {
        "S": store.base_url,
        # Registering needs a credential that is not tied to a snap, or the snap would be refused first.
        "CI": whole.narrowed("channel", ["edge"]).header(),
        "NARROW": whole.narrowed("package_id", [other_id]).header(),
        "EXPIRED": whole.narrowed("expires", "2020-01-01T00:00:00").header(),
        "REVOKED": revoked.header(),
        "UPLOAD": upload.json()["upload_id"],
    }


def difference(row: re.Match[str], environment: dict[str, str]) -> str | None:
    """What is not as the row says, if anything. An ellipsis stands for any text."""
    command = row["command"].replace("curl", "curl --silent --show-error --write-out '\\n%{http_code}'", 1)
    run = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, f"{row['command']}: {run.stderr}"
    answer, status = run.stdout.rsplit("\n", 1)
    message = json.loads(answer)["error_list"][0]["message"]
    wanted = ".*".join(re.escape(part) for part in row["says"].split("…"))
    if status == row["status"] and re.fullmatch(wanted, message, re.DOTALL):
        return None
    return f"{row['command']}\n  page:    {row['status']} {row['says']}\n  service: {status} {message}"
