#!/usr/bin/env bash
# Whole villages in one thread each, from fresh seeds, on all cores: tests/simulation/README.md says what goes wrong in
# them and what may never be.
#
#   scripts/torture.sh [--minutes N]      10 if not said
#
# Prints what each core ran: seeds, steps, changes, faults by kind. Ends with 1 at the first violation, with a transcript of
# it that can be kept in tests/simulation/kept.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=10
case "$#:${1-}" in
  0:) ;;
  2:--minutes) minutes=$2 ;;
  *) sed -n '5s/^# *//p' "$0" >&2; exit 2 ;;
esac
scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target simulate -- --quiet
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true' EXIT
for _ in $(seq "$(nproc)"); do
  build/release/bin/simulate --minutes "$minutes" &
  pids+=($!)
done
status=0
for pid in "${pids[@]}"; do wait "$pid" || status=1; done
exit "$status"
