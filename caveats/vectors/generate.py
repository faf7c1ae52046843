#!/usr/bin/env python3
"""Writes every vector anew: `generate.py`, in an environment made from requirements.txt, with libmacaroons installed.

The result is always the same, byte for byte: keys and nonces are fixed.
"""

from generator import (
    bakery_credentials,
    broken_v1,
    broken_v2,
    clearing,
    credentials,
    forgeries,
    headers,
    json_forms,
    macaroons,
    refusals,
    texts,
)
from generator.document import Vectors

CASES = (
    macaroons,
    credentials,
    bakery_credentials,
    texts,
    headers,
    broken_v1,
    broken_v2,
    json_forms,
    forgeries,
    clearing,
    refusals,
)

if __name__ == "__main__":
    vectors = Vectors()
    for cases in CASES:
        cases.add(vectors)
    vectors.write()
    for (folder, producer), count in sorted(vectors.counts().items()):
        print(f"{count:4} {folder:8} {producer}")
