# shellcheck shell=bash
# A signed image stays one through save, remove and load: by our own record with the classic store, by its id with containerd's.
allowed 'signed content' -- run "$RUN"
docker save -o "$FOLDER/app.tar" "$APP:1"
docker image rm -f "$SIGNED_ID" >/dev/null
allowed 'Loaded image' -- docker load -i "$FOLDER/app.tar"
allowed 'signed content' -- run "$RUN"
docker tag "$APP:1" again:1
allowed 'signed content' -- run "$SIGNED_ID"
rm -f "$FOLDER/app.tar"
