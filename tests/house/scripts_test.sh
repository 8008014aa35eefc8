#!/usr/bin/env bash
# Tests scripts/test.sh and scripts/setup.sh in a made-up tree, with programs that stand in for cmake, ctest, apt and dpkg.
#
#   scripts_test.sh ROOT      exit code 0 if all holds, else 1 with what does not
set -uo pipefail
root=$1
house=$(mktemp -d -t songsong-house.XXXXXX)
trap 'rm -rf "$house"' EXIT
wrong=0

# expect WHAT WANTED GOT
expect() {
  [ "$2" = "$3" ] && return
  printf '%s:\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
  wrong=$((wrong + 1))
}

# expect_text WHAT PART TEXT
expect_text() {
  case "$3" in *"$2"*) return ;; esac
  printf '%s: "%s" is not in:\n%s\n' "$1" "$2" "$3"
  wrong=$((wrong + 1))
}

expect_no_text() {
  case "$3" in *"$2"*) printf '%s: "%s" is in:\n%s\n' "$1" "$2" "$3"; wrong=$((wrong + 1)) ;; esac
}

# stand_in NAME: a program that runs the script on standard input.
stand_in() {
  { echo '#!/usr/bin/env bash'; cat; } > "$house/bin/$1"
  chmod +x "$house/bin/$1"
}

# test_sh [OPTION...]: output and code of scripts/test.sh, called from another folder.
test_sh() {
  code=0
  output=$(cd / && PATH="$house/bin:$PATH" "$house/scripts/test.sh" "$@" 2>&1) || code=$?
  last=${output##*$'\n'}
}

mkdir -p "$house/bin" "$house/scripts"
cp "$root/scripts/test.sh" "$house/scripts/"
cp "$root"/scripts/packages*.txt "$house/scripts/"
printf '#!/bin/sh\necho "$@" > "%s/setup-called"\n' "$house" > "$house/scripts/setup.sh"
printf '#!/bin/sh\necho "$@" > "%s/run-called"\n' "$house" > "$house/scripts/run.sh"
printf '#!/bin/sh\necho "piece ok"\necho "14 passed, 0 failed"\n' > "$house/scripts/fuzz.sh"
chmod +x "$house/scripts/setup.sh" "$house/scripts/run.sh" "$house/scripts/fuzz.sh"
stand_in cmake <<< 'echo "$*" >> "'"$house"'/cmake-called"'
stand_in ctest <<'E2'
echo '1/3 Test #1: Lan saves .......   Passed    0.01 sec'
echo '100% tests passed, 0 tests failed out of 3'
E2

test_sh
expect 'all passes: last line' '21 passed, 0 failed' "$last"
expect 'all passes: code' 0 "$code"
expect_text 'all passes: the main job is played' '--once --data ' "$(cat "$house/run-called")"
expect_text 'all passes: the fuzzers are counted' 'fuzz               ok' "$output"
expect 'all passes: a line a step' 12 "$(wc -l <<< "$output")"
expect_no_text 'all passes: calm' 'Lan saves' "$output"
expect 'packages' 'scripts/packages.txt scripts/packages-clang.txt' "$(cat "$house/setup-called")"
expect_text 'libcxx is compiled' '--build --preset libcxx' "$(cat "$house/cmake-called")"

: > "$house/cmake-called"
test_sh --quick
expect 'quick: last line' '3 passed, 0 failed' "$last"
expect 'quick: packages' 'scripts/packages.txt' "$(cat "$house/setup-called")"
expect_no_text 'quick: no main job' 'main job' "$output"
expect_no_text 'quick: no fuzzers' 'fuzz' "$output"
expect_no_text 'quick: no sanitizers' 'dev' "$(cat "$house/cmake-called")"

test_sh --fast
expect 'an unknown option' 2 "$code"
expect_text 'an unknown option' '--quick' "$output"

stand_in ctest <<'E2'
echo '1/4 Test #1: Lan saves .......   Passed    0.01 sec'
echo '2/4 Test #2: Minh merges .....***Failed    0.01 sec'
echo 'a != b'
echo '50% tests passed, 2 tests failed out of 4'
printf '\nThe following tests did not run:\n\t  3 - the browser (Skipped)\n'
printf '\nThe following tests FAILED:\n\t  2 - Minh merges (Failed)\n\t  4 - gone (Not Run)\n'
exit 8
E2
test_sh --quick
expect 'failures: last line' '1 passed, 2 failed' "$last"
expect 'failures: code' 1 "$code"
expect_text 'failures: shown' 'a != b' "$output"
expect_no_text 'failures: what passed is not shown' 'Lan saves' "$output"
expect_text 'failures: skipped is said' '1 skipped' "$output"

stand_in ctest <<< 'echo "No tests were found!!!"'
test_sh --quick
expect 'no tests: last line' '0 passed, 1 failed' "$last"
expect 'no tests: code' 1 "$code"

stand_in ctest <<< 'echo "100% tests passed, 0 tests failed out of 3"; exit 1'
test_sh --quick
expect 'a ctest that fails by itself' '3 passed, 1 failed' "$last"

stand_in ctest <<< 'echo "100% tests passed, 0 tests failed out of 3"'
stand_in cmake <<< 'case "$*" in "--build --preset dev"*) echo "merge.cc: error"; exit 1 ;; esac'
test_sh
expect 'dev does not build: last line' '18 passed, 1 failed' "$last"
expect 'dev does not build: code' 1 "$code"
expect_text 'dev does not build: shown' 'merge.cc: error' "$output"

stand_in cmake <<< 'true'
printf '#!/bin/sh\necho "The totals DIFFER from the publication (seed 7)."\nexit 1\n' > "$house/scripts/run.sh"
test_sh
expect 'the main job differs: last line' '20 passed, 1 failed' "$last"
expect 'the main job differs: code' 1 "$code"
expect_text 'the main job differs: the seed is shown' 'seed 7' "$output"

printf '#!/bin/sh\necho "a length is not checked"\necho "13 passed, 1 failed"\nexit 1\n' > "$house/scripts/fuzz.sh"
test_sh
expect 'a fuzzer finds something: last line' '19 passed, 2 failed' "$last"
expect_text 'a fuzzer finds something: shown' 'a length is not checked' "$output"
printf '#!/bin/sh\necho "clang++-19: not found"\nexit 1\n' > "$house/scripts/fuzz.sh"
test_sh
expect 'the fuzzers do not build: last line' '6 passed, 2 failed' "$last"
expect_text 'the fuzzers do not build: shown' 'not found' "$output"

printf '#!/bin/sh\necho "packages to install: mold"\nexit 1\n' > "$house/scripts/setup.sh"
test_sh --quick
expect 'packages missing: last line' '0 passed, 1 failed' "$last"
expect 'packages missing: code' 1 "$code"
expect_text 'packages missing: named' 'packages to install: mold' "$output"
expect_no_text 'packages missing: stops' 'configure' "$output"

# setup.sh on a machine that has only mold and an old catch2.
cp "$root/scripts/setup.sh" "$house/scripts/"
printf 'mold # a linker\n\n# nothing\nninja-build\ncatch2 bookworm-backports\n' > "$house/scripts/packages.txt"
stand_in dpkg-query <<'E2'
case "${!#}" in mold) echo 'installed 1.10' ;; catch2) echo 'installed 2.13.10-1' ;; *) exit 1 ;; esac
E2
stand_in id <<< 'echo 1000'
stand_in apt-get <<< 'echo apt-get "$@" >> "'"$house"'/apt-called"'
setup_sh() {
  code=0
  output=$(cd / && PATH="$house/bin:$PATH" "$house/scripts/setup.sh" "$@" 2>&1) || code=$?
}
setup_sh
expect 'setup without root: code' 1 "$code"
expect_text 'setup without root: names what is missing' 'ninja-build catch2/bookworm-backports' "$output"
expect_no_text 'setup without root: and no more' 'mold' "$output"
expect 'setup without root: touches nothing' '' "$(cat "$house/apt-called" 2>/dev/null)"

echo mold > "$house/scripts/other.txt"
setup_sh "$house/scripts/other.txt"
expect 'setup with nothing missing: code' 0 "$code"
expect 'setup with nothing missing: silent' '' "$output"

setup_sh "$house/scripts/gone.txt"
expect 'setup without its list: code' 1 "$code"
expect_text 'setup without its list: said' 'gone.txt' "$output"

[ "$wrong" -eq 0 ] && echo "all as wanted"
[ "$wrong" -eq 0 ]
