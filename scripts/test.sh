#!/usr/bin/env bash
# The tests' one command, from nothing: installs what is missing, configures, builds, tests.
#
#   scripts/test.sh            tests with sanitizers (preset dev), tests as released with a minute of fresh seeds for the
#                              simulator (release), shared/ compiled as the browser has it (libcxx), the fuzzers for ten
#                              seconds each (scripts/fuzz.sh), and the main job (scripts/run.sh) from a fresh seed
#   scripts/test.sh --quick    tests as released only, without fresh seeds
#
# A step prints one line; one that fails prints all it said as well. The last line is `N passed, N failed`, summed over
# all runs; a step that fails before its tests counts as one that failed, and so does a run without tests. Exit code 0
# only if none failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

case "$#:${1-}" in
  0:) presets=(dev release libcxx) lists=(scripts/packages.txt scripts/packages-clang.txt) fresh=60 ;;
  1:--quick) presets=(release) lists=(scripts/packages.txt) fresh=0 ;;
  *) sed -n '4,7s/^# *//p' "$0" >&2; exit 2 ;;
esac
cores=$(nproc)
passed=0
failed=0

log=$(mktemp -t songsong-test.XXXXXX) || exit 1
data=$(mktemp -d -t songsong-data.XXXXXX) || exit 1
trap 'rm -rf "$log" "$data"' EXIT

# Two runs in one folder would write the same files.
mkdir -p build
exec 9> build/.test-lock
flock -n 9 || { echo "waiting for another test run in this folder"; flock 9; }

# run COMMAND...: what it says goes to the log. A program that it leaves behind does not keep the lock.
run() { "$@" > "$log" 2>&1 9>&-; }

# report NAME BEGAN STATUS [NOTE]
report() {
  local word=ok
  [ "$3" -eq 0 ] || word=FAILED
  printf '%-18s %-6s %5d s  %s' "$1" "$word" $((SECONDS - $2)) "${4-}" | sed 's/ *$//'
  echo
}

# step NAME COMMAND...: a failure counts as one test that failed.
step() {
  local name=$1 began=$SECONDS status=0
  shift
  run "$@" || status=$?
  report "$name" "$began" "$status"
  [ "$status" -ne 0 ] || return 0
  cat "$log"
  failed=$((failed + 1))
  return 1
}

# The sums are those of ctest's own summary, which counts a test that could not start as failed and a skipped one as passed.
test_preset() {
  local began=$SECONDS status=0 ran=0 bad=0 skipped seeds=0
  [ "$1" != release ] || seeds=$fresh
  run env SONGSONG_SIMULATION_SECONDS="$seeds" ctest --preset "$1" -j "$cores" || status=$?
  read -r bad ran < <(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log" | tail -n 1)
  bad=${bad:-0} ran=${ran:-0}
  skipped=$(grep -cE '^[[:space:]]+[0-9]+ - .* \(Skipped\)$' "$log")
  local good=$((ran - bad - skipped))
  if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$good" -le 0 ]; }; then
    status=1 bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  report "test $1" "$began" "$status" "$good passed, $bad failed, $skipped skipped"
  [ "$status" -eq 0 ] || grep -vE '^ *(Start +[0-9]+: |[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed +[0-9.]+ sec)' "$log"
}

check_preset() {
  step "configure $1" cmake --preset "$1" || return
  step "build $1" cmake --build --preset "$1" -j "$cores" -- --quiet || return
  [ "$1" = libcxx ] || test_preset "$1" # libcxx is compiled only: the system's libraries are of the other kind
}

# Each target counts as one test.
fuzz() {
  local began=$SECONDS status=0 good=0 bad=0
  run scripts/fuzz.sh || status=$?
  read -r good bad < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n 1)
  good=${good:-0} bad=${bad:-0}
  if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$good" -le 0 ]; }; then
    status=1 bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  report fuzz "$began" "$status" "$good passed, $bad failed"
  [ "$status" -eq 0 ] || cat "$log"
}

# Its seed is drawn anew each time, and stands in what is printed when it fails. It counts as one test.
main_job() {
  step "main job" scripts/run.sh --once --data "$data" && passed=$((passed + 1))
}

if step packages scripts/setup.sh "${lists[@]}"; then
  for preset in "${presets[@]}"; do check_preset "$preset"; done
  [ "${1-}" = --quick ] || { fuzz; main_job; }
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
