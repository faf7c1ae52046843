"""Owns the judgement of the Helm chart: what `helm lint` finds, warnings too, and what it may find."""

import sys

import helm_python

CHART = "helm"
INFO = 1
# The chart has no templates yet. Remove this with the first one.
EXPECTED = {("templates/", "directory does not exist")}

report = helm_python.lint(CHART)
messages = {(message["path"], message["error"]) for message in report["messages"] if message["severity"] > INFO}
found = [f"{path}: {error}" for path, error in sorted(messages - EXPECTED)] + report["errors"]

for line in found:
    print(f"{CHART}/{line}", file=sys.stderr)
if found or report["total_charts_linted"] != 1:
    sys.exit(f"The chart does not pass helm lint (Helm {helm_python.helm_sdk_version()}).")
print(f"The chart passes helm lint (Helm {helm_python.helm_sdk_version()}).")
