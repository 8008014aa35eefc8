#!/usr/bin/env bash
# The main job's one command, from nothing: Bắc Giang's autumn of 2021, on made-up lists whose totals are the published ones.
# Twenty phones record offline, a server starts, all synchronise over a link that is cut now and then, ten districts settle
# what is double or in conflict, and the totals stand beside the publication (tests/bacgiang/README.md tells the story).
# Then the districts end, as they did in 2025, and every figure is asked for on the old tree and on the new.
#
#   scripts/run.sh [--once] [--seed N] [--data DIR]
#       --once    stops the server in the end; otherwise it stays up until Ctrl-C
#       --data    where the folder of this run is made; data/ otherwise
#
# Installs what is missing (scripts/setup.sh), builds the release, plays in a new folder of its own. The last lines say
# whether all totals are as published; the exit code is 0 only then.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly kSyncTries=40 # of one phone, over the bad link
once=no data=data seed=$(($(od -An -N3 -tu4 /dev/urandom)))
while [ $# -gt 0 ]; do
  case "$1" in
    --once) once=yes ;;
    --seed) seed=${2:?a number} && shift ;;
    --data) data=${2:?a folder} && shift ;;
    *) sed -n '7,12s/^# *//p' "$0" >&2; exit 2 ;;
  esac
  shift
done

began=$SECONDS
say() { printf '\n%s  [%d s]\n' "$1" $((SECONDS - began)); }
fail() { echo "SongSong: $*" >&2; exit 1; }

say "1. Packages and build"
scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target songsong songsong-server make_bacgiang play_bacgiang bad_link -- --quiet

bin=$PWD/build/release/bin
folder=$data/$(date +%Y%m%d-%H%M%S)-$seed
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
world=$folder/world
export SONGSONG_LANG=${SONGSONG_LANG:-en}
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
}
trap stop EXIT

# waits_for FILE PATTERN: the first line of the file that has it
waits_for() {
  for _ in $(seq 100); do
    if grep -m 1 "$2" "$1" 2> /dev/null; then return 0; fi
    sleep 0.1
  done
  fail "nothing came to $1"
}

say "2. A world from seed $seed"
"$bin/make_bacgiang" --seed "$seed" --out "$world"
"$bin/songsong-server" init --dir "$folder/server" --units "$world/units.csv"

say "3. Tickets for twenty phones and ten districts; nobody has a network yet"
"$bin/bad_link" --to "$folder/address" --seed "$seed" > "$folder/link.out" &
pids+=($!)
link=$(waits_for "$folder/link.out" 'link on' | sed 's/.* on //')
districts=(BG01 BG02 BG03 BG04 BG05 BG06 BG07 BG08 BG09 BG10)
# The communes of the first four and the last four of a district are a phone each.
for phone in $(seq -w 1 20); do
  district=${districts[$(((10#$phone - 1) / 2))]}
  first=$(((10#$phone - 1) % 2 * 4 + 1))
  units=()
  for commune in $(seq "$first" $((first + 3))); do units+=(--unit "$district-X$commune"); done
  ticket=$("$bin/songsong-server" ticket --dir "$folder/server" "${units[@]}" --role teacher --url "$link")
  "$bin/songsong" init --dir "$folder/phones/$phone" --ticket "$ticket" > /dev/null
done
for district in "${districts[@]}"; do
  ticket=$("$bin/songsong-server" ticket --dir "$folder/server" --unit "$district" --role reviewer --url "$link")
  "$bin/songsong" init --dir "$folder/districts/$district" --ticket "$ticket" > /dev/null
done

say "4. Twenty phones import their schools' lists, correct, and hand devices over, offline"
for phone in $(seq -w 1 20); do
  "$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$folder/phones/$phone" field --replica "$phone"
done

say "5. The server starts; all synchronise over a link that is cut now and then"
"$bin/songsong-server" serve --dir "$folder/server" --listen 127.0.0.1:0 > "$folder/server.out" 2> "$folder/server.log" &
server=$!
pids+=("$server")
address=$(waits_for "$folder/server.out" 'listening on' | sed 's/.* on //')
echo "$address" > "$folder/address"

# sync FOLDER: again, until the link holds for as long as it takes
synchronise() {
  local tries=0 code=0
  for tries in $(seq $kSyncTries); do
    code=0
    "$bin/songsong" sync --dir "$1" --json >> "$folder/sync.json" 2>> "$folder/sync.errors" || code=$?
    [ "$code" -eq 3 ] || break
  done
  [ "$code" -eq 0 ] || fail "$1 could not synchronise (exit $code); see $folder/sync.errors"
}
for phone in $(seq -w 1 20); do synchronise "$folder/phones/$phone"; done
for district in "${districts[@]}"; do synchronise "$folder/districts/$district"; done
echo "all synchronised; the link was cut $(grep -c '^cut' "$folder/link.out") times"

say "6. Offline again, some phones and districts write the same field differently"
for phone in $(seq -w 1 20); do
  "$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$folder/phones/$phone" second --replica "$phone"
done
for district in "${districts[@]}"; do
  "$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$folder/districts/$district" second --replica "$district"
done
for phone in $(seq -w 1 20); do synchronise "$folder/phones/$phone"; done
for district in "${districts[@]}"; do synchronise "$folder/districts/$district"; done
province_total() {
  for _ in $(seq $kSyncTries); do "$bin/songsong" total BG --dir "$folder/districts/BG01" --json 2>> "$folder/sync.errors" && return; done
  fail "the totals could not be asked for"
}
province_total > "$folder/before.json"

say "7. Ten districts settle what their cases show"
for district in "${districts[@]}"; do
  printf '%s ' "$district"
  "$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$folder/districts/$district" settle --replica "$district"
  synchronise "$folder/districts/$district"
done
province_total > "$folder/after.json"

say "8. Everything is counted again from the log"
"$bin/songsong-server" verify --dir "$folder/server"
for each in "$folder"/phones/07 "$folder"/districts/BG04; do "$bin/songsong" verify --dir "$each"; done

say "9. Totals beside the publication (tests/bacgiang/figures.json) and the truth"
equal=yes
"$bin/play_bacgiang" --data "$world" compare --figures tests/bacgiang/figures.json --total "$folder/after.json" \
  --before "$folder/before.json" || equal=no
say "10. July 2025: the districts end, the province goes into another; every figure on the old tree and on the new"
asker=$folder/districts/BG01
"$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$asker" survey --before "$folder/survey.json"
held=$("$bin/songsong" list pupil --dir "$folder/districts/BG04" --json | sort | sha256sum)
"$bin/songsong-server" units "$world/units-2025.csv" --dir "$folder/server" --on 2025-07-01
for district in "${districts[@]}"; do synchronise "$folder/districts/$district"; done
"$bin/play_bacgiang" --program "$bin/songsong" --data "$world" --dir "$asker" explain --before "$folder/survey.json" || equal=no
if [ "$("$bin/songsong" list pupil --dir "$folder/districts/BG04" --json | sort | sha256sum)" = "$held" ]; then
  echo "  who worked in a district that ended still holds every pupil"
else
  echo "  who worked in a district that ended DOES NOT hold the same pupils" && equal=no
fi
"$bin/songsong-server" verify --dir "$folder/server"

if [ "$equal" = yes ]; then
  say "All totals are as published (seed $seed)."
else
  say "The totals DIFFER from the publication (seed $seed)."
fi
if [ "$once" = yes ]; then
  [ "$equal" = yes ]
  exit
fi
cat << END

The server stays up: open $address in a browser.
  $bin/songsong search 'nguyen thi hoa' --dir $folder/phones/07
  $bin/songsong total BG04 --dir $folder/districts/BG04
Ctrl-C stops it. The data is in $folder
END
wait "$server" || true
[ "$equal" = yes ]
