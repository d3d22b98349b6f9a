# shellcheck shell=bash
# Unsigned content is refused: by name, by id, by digest, imported here, under a signed name, under a moved tag.
refused "$EVIL:1 is not" -- docker pull "$EVIL:1"
refused "$EVIL:1 is not" -- run "$EVIL:1"
refused '' -- run "$EVIL_ID"
refused '' -- run "${EVIL_ID:7:12}"
lab image homemade:1 'made here' >/dev/null
refused 'library/homemade' -- docker create homemade:1
docker tag "$EVIL:1" "$APP:1"
refused "$APP:1" -- run "$APP:1"
refused "$MOVED_FROM" -- docker pull "$APP:moved"
allowed "$MOVED_FROM" -- docker pull "$APP@$MOVED_FROM"
allowed 'signed in time' -- run "$APP@$MOVED_FROM"
allowed -- docker pull "$APP:1"
