#!/usr/bin/env bash
# Runs clang-tidy over shared/, as .clang-tidy says, with the compile commands of the preset libcxx.
#
#   scripts/lint.sh            the sources that differ from HEAD, and those that include a header that does
#   scripts/lint.sh --all      every source of shared/
#   scripts/lint.sh FILE...    these
#
# A source that is clean prints nothing. Exit code 1 if any is not.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh scripts/packages.txt scripts/packages-clang.txt scripts/packages-lint.txt >&2

all_sources() { find shared -name '*.cc' | sort; }

changed_sources() {
  git rev-parse -q --verify HEAD > /dev/null || { all_sources; return; }
  { git diff --name-only --diff-filter=d HEAD -- shared; git ls-files --others --exclude-standard -- shared; } |
    while read -r file; do
      case "$file" in
        *.cc) echo "$file" ;;
        *.h) all_sources | xargs -r grep -lF "#include \"$file\"" || true ;;
      esac
    done | sort -u
}

case "${1-}" in
  '') files=$(changed_sources) ;;
  --all) files=$(all_sources) ;;
  -*) sed -n '4,6s/^# *//p' "$0" >&2; exit 2 ;;
  *) files=$(printf '%s\n' "$@") ;;
esac
[ -n "$files" ] || exit 0

cmake --preset libcxx > /dev/null
cmake --build --preset libcxx --target songsong_schemas -- --quiet
failed=0
xargs -d '\n' -n 1 -P "$(nproc)" clang-tidy-19 -p build/libcxx --quiet <<< "$files" \
  2> >(grep -vE '^[0-9]+ warnings? (generated|treated as errors?)' >&2) || failed=1
exit "$failed"
