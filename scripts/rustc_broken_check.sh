#!/bin/sh
# Owns the flag that breaks the service on purpose. Cargo calls it in place of rustc, for the crates of this workspace alone.
exec "$@" --cfg broken_check
