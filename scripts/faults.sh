#!/usr/bin/env bash
# Real faults on the real programs, all of them: 200 kills of each kind, links as slow as they are, 5,000 connections, 1,000
# phones at once. tests/faults/README.md says what is promised; the tests (scripts/test.sh) play a part of it.
#
#   scripts/faults.sh [CASE...]    a table of what was seen; of these cases only (as Catch2 takes them: "a server*")
#   scripts/faults.sh --tsan       server, phones and crowds under the thread sanitizer, which says what races
#
# Ends with 1 if anything promised did not hold. All of it takes about a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
case "${1-}" in
  --tsan) preset=tsan && shift ;;
  -*) sed -n '5,6s/^# *//p' "$0" >&2; exit 2 ;;
esac
targets=(songsong songsong-server faults_tests)
[ "$preset" = release ] || targets+=(server_tests sync_tests)
scripts/setup.sh
cmake --preset "$preset" > /dev/null
cmake --build --preset "$preset" --target "${targets[@]}" -- --quiet
bin=build/$preset/bin

if [ "$preset" = tsan ]; then
  # A race is told on standard error, and makes the program that has it end with 66, which no test takes for right.
  export TSAN_OPTIONS=second_deadlock_stack=1:suppressions=$PWD/tests/faults/tsan-suppressions.txt
  status=0
  for each in server_tests sync_tests; do "$bin/$each" || status=1; done
  "$bin/faults_tests" '[crowd]' || status=1
  exit "$status"
fi

log=$(mktemp -t songsong-faults.XXXXXX)
trap 'rm -f "$log"' EXIT
began=$SECONDS status=0
printf '| fault | seen | promised, or the limit |\n| --- | --- | --- |\n'
# One at a time: each has the machine, and the figures are its own.
SONGSONG_FAULTS=all "$bin/faults_tests" --order decl ${1+"$@"} | tee "$log" | grep --line-buffered '^| ' || status=1
if [ "$status" -ne 0 ] || ! grep -q '^All tests passed' "$log"; then
  grep -v '^| ' "$log" || true
  status=1
fi
printf '%s cores, %s, %d s\n' "$(nproc)" "$(uname -sm)" $((SECONDS - began))
exit "$status"
