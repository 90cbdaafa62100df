#!/usr/bin/env bash
# Documents that are made from the code: compares them, or with PANICSCAN_UPDATE=1 writes them.
# Use: tests/docs.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
status=0

fresh() {  # file, its content on stdin
  local made
  made=$(mktemp)
  cat >"$made"
  if [ -n "${PANICSCAN_UPDATE:-}" ]; then
    cp "$made" "$1"
  elif ! diff -u "$1" "$made"; then
    echo "$1 is stale: ./dev update writes it again" >&2
    status=1
  fi
  rm -f "$made"
}

fresh rules/CATALOG.md < <("$program" rules doc)
fresh rules/rule.schema.json < <("$program" rules schema)
fresh README.md < <(python3 tests/readme.py "$program" README.md)
exit $status
