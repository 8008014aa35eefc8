#!/usr/bin/env bash
# Measures what DESIGN.md, section 9, has budgets for, each figure beside the physical limit of the same work on this machine,
# in one run. Budgets of bytes and round trips are binding: passing one ends with 1. Times are told, not judged.
#
#   scripts/bench.sh             the table
#   scripts/bench.sh --codec     bytes and speed of the columns in pieces of many sizes, with and without zstd over them
#   scripts/bench.sh --growth [MOST]   what a change, a pull and a total cost at 10,000 to 3,000,000 records, up to MOST
set -euo pipefail
cd "$(dirname "$0")/.."

program=bench arguments=()
case "$#:${1:-}" in
  0:) ;;
  1:--codec) program=measure_codec ;;
  [12]:--growth) program=growth arguments=("${@:2}") ;;
  *) sed -n '5,7s/^# *//p' "$0" >&2; exit 2 ;;
esac
scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target "$program" -- --quiet
"build/release/bin/$program" "${arguments[@]}"
