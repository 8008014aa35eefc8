#!/usr/bin/env bash
# Formats every C++ and C source as .clang-format says.
#
#   scripts/format.sh            formats, and names the files that changed
#   scripts/format.sh --check    changes nothing; names the files that would change, exit code 1 if there are any
set -euo pipefail
cd "$(dirname "$0")/.."
case "$#:${1-}" in
  0: | 1:--check) ;;
  *) sed -n '4,5s/^# *//p' "$0" >&2; exit 2 ;;
esac
scripts/setup.sh scripts/packages-lint.txt >&2

sources() {
  find . \( -path ./build -o -path ./data -o -name '.?*' -o -name node_modules \) -prune -o \
    -type f \( -name '*.h' -o -name '*.cc' -o -name '*.c' \) -print0 | sort -z
}

unformatted() {
  sources | xargs -0 -r -n 8 -P "$(nproc)" bash -c '
    for file; do clang-format-14 "$file" | cmp -s - "$file" || echo "${file#./}"; done' unformatted | sort
}

files=$(unformatted)
[ -n "$files" ] || exit 0
echo "$files"
[ "${1-}" != --check ] || exit 1
xargs -r -d '\n' clang-format-14 -i <<< "$files"
