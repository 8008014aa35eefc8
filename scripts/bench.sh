#!/usr/bin/env bash
# Measures what DESIGN.md, section 9, has budgets for, each figure beside the physical limit of the same work on this machine,
# in one run. Budgets of bytes and round trips are binding: passing one ends with 1. Times are told, not judged.
#
#   scripts/bench.sh             the table
#   scripts/bench.sh --codec     bytes and speed of the columns in pieces of many sizes, with and without zstd over them
set -euo pipefail
cd "$(dirname "$0")/.."

program=bench
case "${1:-}" in
  '') ;;
  --codec) program=measure_codec ;;
  *) sed -n '5,6s/^# *//p' "$0" >&2; exit 2 ;;
esac
scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target "$program" -- --quiet
"build/release/bin/$program"
