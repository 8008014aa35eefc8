#!/usr/bin/env bash
# Fuzzers of all that meets bytes from outside (tests/fuzz/README.md): builds the preset fuzz, then runs each target on
# its kept corpus, as many at once as there are cores.
#
#   scripts/fuzz.sh [--seconds N] [--merge] [TARGET...]      10 seconds each, all targets, if not said
#   scripts/fuzz.sh --list                                   the targets
#
# A target prints one line. One that finds something prints how it came about; the input stays in build/fuzz/found, and
# the command that repeats it is printed. The last line is `N passed, N failed`; exit code 0 only if none failed.
# --merge adds to tests/fuzz/corpus what reached code that nothing there reaches.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

seconds=10
merge=
targets=()
known=$(sed -nE 's/^set\(fuzz_targets (.*)\)$/\1/p' tests/fuzz/CMakeLists.txt)
usage() { sed -n '5,6s/^# *//p' "$0" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) [[ ${2-} =~ ^[0-9]+$ ]] || usage; seconds=$2; shift ;;
    --merge) merge=yes ;;
    --list) echo "$known"; exit 0 ;;
    -*) usage ;;
    *) case " $known " in *" $1 "*) targets+=("$1") ;; *) echo "no such target: $1" >&2; exit 2 ;; esac ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || read -ra targets <<< "$known"

# What one input may take; and no input is longer than what the corpus is kept to.
limits=(-timeout=20 -max_len=16384 -rss_limit_mb=2048 -malloc_limit_mb=512)
scratch=$(mktemp -d -t songsong-fuzz.XXXXXX) || exit 1
trap 'rm -rf "$scratch"' EXIT
found=$PWD/build/fuzz/found

# The sanitizer's defaults are made for programs that run once: of each allocation it remembers thirty callers, and of
# what was freed a quarter of a gigabyte.
export ASAN_OPTIONS=malloc_context_size=6:quarantine_size_mb=16
export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-19/bin/llvm-symbolizer

# options_of TARGET. Where stores stay open from one input to the next, leaks are looked for at the end only: in between
# whatever is kept on purpose would be searched for each time.
options_of() {
  [ ! -f "tests/fuzz/$1.dict" ] || echo "-dict=tests/fuzz/$1.dict"
  # The server logs each request.
  [ "$1" != http ] || echo "-close_fd_mask=2"
  case "$1" in answer | bundle | http | import | request | settings) echo "-detect_leaks=0" ;; esac
}

build() {
  scripts/setup.sh scripts/packages.txt scripts/packages-clang.txt &&
    cmake --preset fuzz > /dev/null &&
    cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}" make_corpus -- --quiet
}

# run TARGET: new inputs go to the scratch folder, so a run alters nothing that is kept.
run() {
  local target=$1 status=0
  local log=$scratch/$target.log
  mkdir -p "$scratch/$target" "$found/$target"
  local folders=("$scratch/$target")
  for kept in corpus found; do
    [ ! -d "tests/fuzz/$kept/$target" ] || folders+=("tests/fuzz/$kept/$target")
  done
  # shellcheck disable=SC2046
  "build/fuzz/bin/fuzz_$target" "${limits[@]}" $(options_of "$target") -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$found/$target/" "${folders[@]}" > "$log" 2>&1 || status=$?
  echo "$status" > "$scratch/$target.status"
}

# report TARGET: one line, and all that is known of a finding.
report() {
  local target=$1 status
  local log=$scratch/$target.log
  status=$(< "$scratch/$target.status")
  stat() { sed -nE "s/^stat::$1: *([0-9]+)$/\1/p" "$log" | tail -n 1; }
  local last runs
  last=$(grep -E '^#[0-9]+.*cov: ' "$log" | tail -n 1)
  runs=$(stat number_of_executed_units)
  # A fuzzer that ran nothing has tested nothing.
  if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
    printf '%-10s %-6s %9s runs %6s/s   coverage %s, corpus %s\n' "$target" ok "$runs" "$(stat average_exec_per_sec)" \
      "$(sed -E 's/.*cov: ([0-9]+).*/\1/' <<< "$last")" "$(sed -E 's/.*corp: ([0-9]+).*/\1/' <<< "$last")"
    return 0
  fi
  printf '%-10s %s\n' "$target" FAILED
  grep -vE '^(#[0-9]+|INFO:|stat::|[[:space:]]*(NEW_FUNC|0x[0-9a-f]+))' "$log" | tail -n 80
  local input
  input=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -n 1)
  [ -z "$input" ] || echo "repeat it: build/fuzz/bin/fuzz_$target ${input#"$PWD"/}"
  return 1
}

merge_in() {
  local corpus=tests/fuzz/corpus/$1
  mkdir -p "$corpus"
  # By edges alone: what counts how often a loop ran would keep ten times as many.
  "build/fuzz/bin/fuzz_$1" "${limits[@]}" -detect_leaks=0 -merge=1 -use_counters=0 "$corpus" "$scratch/$1" > "$scratch/$1.merge" 2>&1 ||
    tail -n 20 "$scratch/$1.merge"
}

build > "$scratch/build.log" 2>&1 || { cat "$scratch/build.log"; echo "0 passed, 1 failed"; exit 1; }
cores=$(nproc)
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do wait -n; done
  run "$target" &
done
wait
passed=0
failed=0
for target in "${targets[@]}"; do
  if report "$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  [ -z "$merge" ] || merge_in "$target"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
