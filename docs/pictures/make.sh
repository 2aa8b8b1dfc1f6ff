#!/usr/bin/env bash
# Makes docs/pictures/run.png, the picture in the README. It needs chromium; run it after changes to the page.
set -euo pipefail
cd "$(dirname "$0")/../.."
page=$(mktemp --suffix .html)
trap 'rm -f "$page"' EXIT

# The run fails a check, and so does the program; the page is written before.
cargo run --quiet -- run --backend mock --html "$page" docs/pictures/squeeze.toml >/dev/null || [ $? -eq 1 ]
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1120,1090 \
    --screenshot="$PWD/docs/pictures/run.png" "file://$page" 2>/dev/null
size=$(stat --format %s docs/pictures/run.png)
[ "$size" -lt 307200 ] || { echo "docs/pictures/run.png has $size bytes, of at most 307200" >&2; exit 1; }
