# shellcheck shell=bash
# A signed image is pulled and runs, by every honest name.
docker image rm "$APP:1" >/dev/null
allowed "$SIGNED" -- docker pull "$APP:1"
allowed 'signed content' -- run "$RUN"
allowed 'signed content' -- run "$APP@$SIGNED"
allowed 'signed content' -- run "$APP:1@$SIGNED"
allowed 'signed content' -- run "$SIGNED_ID"
allowed 'signed content' -- run "${SIGNED_ID:7:12}"
docker tag "$APP:1" "$APP:2"
refused "$MOVED_TAG" -- run "$APP:2"
allowed -- docker pull "$APP:2"
