#!/usr/bin/env bash
# Does the net catch fish? Makes mistakes in the engine on purpose, one at a time, and says after how many seeds of the
# simulator (tests/simulation) each is caught, and by which invariant.
#
#   scripts/mistakes.sh [--seeds N]             the deliberate ones of tests/simulation/mistakes/mistakes.txt
#   scripts/mistakes.sh --mutants [--seeds N]   100 mechanical mutants of merge, tally, claim and cursor code
#
# N is 400 if not said. One that no seed catches is tried on the kept transcripts, on every history of up to two changes
# (tests/small_model) and on tests (of sync; a mutant also on those of core and replica), and else has to be explained in
# tests/simulation/mistakes/survivors.txt.
# Ends with 1 if one is neither caught nor explained.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly kSeedSeconds=60 # one that hangs is caught, too
readonly kSlowSeconds=120
readonly kMutantsInGroup=25
readonly kPrograms="simulate small_model core_tests replica_tests sync_tests"
readonly kGroups=("shared/core/merge.cc"
  "shared/core/account.cc shared/replica/account_book.cc shared/replica/totals_book.cc"
  "shared/core/case.cc shared/replica/books.cc shared/replica/case_book.cc"
  "shared/sync/feed.cc shared/sync/intake.cc shared/sync/leaving.cc shared/replica/own_lines.cc")
home=tests/simulation/mistakes
seeds=400 what=mistakes
while [ $# -gt 0 ]; do
  case "$1" in
    --mutants) what=mutants ;;
    --seeds) seeds=${2:?a number} && shift ;;
    *) sed -n '5,6s/^# *//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
scratch=$(mktemp -d -t songsong-mistakes.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

# caught SIMULATE SMALL_MODEL TESTS...: the line of the first seed, kept transcript, small history or test at which it
# shows. Those that do not have the part of the engine in them are missing.
caught() {
  local seed said status tests
  for seed in $(seq "$seeds"); do
    status=0
    said=$(ulimit -v 8000000; timeout "$kSeedSeconds" "$1" --seed "$seed" --no-shrink --quiet 2>&1) || status=$?
    case "$status" in
      0) continue ;;
      1) echo "after $seed seeds: $(grep -m 1 '^VIOLATION' <<< "$said" | sed 's/^VIOLATION //' | cut -c1-90)" ;;
      124) echo "after $seed seeds: it hangs" ;;
      *) echo "after $seed seeds: it crashes" ;;
    esac
    return 0
  done
  for seed in tests/simulation/kept/*.txt; do
    said=$(timeout "$kSeedSeconds" "$1" --transcript "$seed" 2>&1) && continue
    echo "by a kept transcript: $(basename "$seed" .txt)"
    return 0
  done
  if [ -x "$2" ] && ! said=$(ulimit -v 8000000; timeout "$kSlowSeconds" "$2" --changes 2 --threads 1 2>&1); then
    echo "by the small model: $(grep -m 1 '^VIOLATION' <<< "$said" | sed 's/^VIOLATION //' | cut -c1-80)"
    return 0
  fi
  for tests in "${@:3}"; do
    said=$(ulimit -v 8000000; timeout "$kSlowSeconds" "$tests" --abort --reporter xml 2>&1) && continue
    echo "by a test: $(sed -nE 's/.*<TestCase name="([^"]*)".*/\1/p' <<< "$said" | tail -n 1 | cut -c1-90)"
    return 0
  done
  return 1
}

# explained KEY: what survivors.txt says of it, after a tab
explained() { awk -F '\t' -v key="$1" '$1 == key { print $2; found = 1 } END { exit !found }' "$home/survivors.txt"; }

# judge NAME KEY SIMULATE SMALL_MODEL TESTS...
judge() {
  local told
  if told=$(caught "${@:3}"); then
    printf 'caught     %-70s %s\n' "$1" "$told"
  elif told=$(explained "$2"); then
    printf 'explained  %-70s %s\n' "$1" "$told"
  else
    printf 'SURVIVES   %-70s %s seeds\n' "$1" "$seeds"
  fi
}

try_mistake() {
  local number=$1 name=$2
  local bin=build/release/bin
  SONGSONG_MISTAKE=$number judge "$name" "$name" "$bin/simulate_mistakes" "$bin/small_model_mistakes" \
    "$bin/sync_tests_mistakes"
}

# A line of compile_commands.json, without its compiler cache's and its output's names.
compile_command() {
  awk -v file="/$1\"" '/"command":/ { command = $0 } /"file":/ && index($0, file) { print command; exit }' \
    build/release/compile_commands.json | sed -E 's/^ *"command": "(.*)",$/\1/; s/\\"/"/g; s/ -o [^ ]+ -c [^ ]+//'
}

# try_mutant NUMBER FILES...: 3 if it does not compile, and so is none
try_mutant() {
  local number=$1 place line change file folder program command
  shift
  folder=$scratch/$(echo "$1" | tr / _)-$number
  mkdir -p "$folder"
  file=$(build/release/bin/mutate apply "$number" "$folder/mutant.cc" "$@")
  IFS=$'\t' read -r _ place change line < <(build/release/bin/mutate list "$@" | awk -F '\t' -v n="$number" '$1 == n')
  change=${change# } change=${change% }
  command=$(compile_command "$file")
  (cd build/release && eval "$command -w -o $folder/mutant.o -c $folder/mutant.cc") 2> /dev/null || return 3
  for program in $kPrograms; do
    (cd build/release && eval "$(sed "s# -o bin/$program # $folder/mutant.o -o $folder/$program #" "$scratch/link_$program")") \
      2> /dev/null || [ "$program" != simulate ] || return 3
  done
  judge "$place ${change}" "$file | $change | $line" "$folder/simulate" "$folder/small_model" "$folder"/*_tests
  rm -rf "$folder"
}

# The mutants of a group are spread over its files; in place of one that does not compile comes the next.
try_group_member() {
  local group=$1 member=$2 files count number tries
  read -ra files <<< "${kGroups[$group]}"
  count=$(build/release/bin/mutate list "${files[@]}" | wc -l)
  number=$((count * member / kMutantsInGroup))
  for tries in 0 1 2; do
    try_mutant $((number + tries)) "${files[@]}" && return 0
  done
  echo "NONE       ${kGroups[$group]} $number does not compile"
}

cores=$(nproc)
scripts/setup.sh
cmake --preset release > /dev/null
if [ "$what" = mistakes ]; then
  cmake --build --preset release --target simulate_mistakes small_model_mistakes sync_tests_mistakes \
    songsong songsong-server -- --quiet
  for program in songsong songsong-server; do
    if grep -qa 'songsong8mistaken' "build/release/bin/$program"; then
      echo "mistakes.sh: $program has mistakes in it" >&2
      exit 1
    fi
  done
else
  cmake --build --preset release --target $kPrograms mutate -- --quiet
  for program in $kPrograms; do
    ninja -C build/release -t commands "bin/$program" | tail -n 1 > "$scratch/link_$program"
  done
fi
export -f caught explained judge try_mistake try_mutant try_group_member compile_command
export scratch seeds home kSeedSeconds kSlowSeconds kMutantsInGroup kPrograms
tries() {
  if [ "$what" = mistakes ]; then
    sed -n 's/^mistake //p' "$home/mistakes.txt" | awk '{ printf "try_mistake %d \"%s\"\n", NR, $0 }'
  else
    for group in "${!kGroups[@]}"; do
      for member in $(seq 0 $((kMutantsInGroup - 1))); do echo "try_group_member $group $member"; done
    done
  fi
}
# An array is not handed to children as such.
tries | xargs -P "$cores" -d '\n' -I {} bash -c "$(declare -p kGroups); {}" | tee "$scratch/told"
total=$(wc -l < "$scratch/told")
caught=$(grep -c '^caught' "$scratch/told" || true)
explained=$(grep -c '^explained' "$scratch/told" || true)
echo "$caught of $total caught, $explained explained"
[ $((caught + explained)) -eq "$total" ]
