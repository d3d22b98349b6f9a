# shellcheck shell=bash
# docker load of an archive that gives an unsigned image the name of a signed digest (seen on 28.5.2 with the containerd store).
forge() {
  local folder
  folder=$(mktemp -d "$FOLDER/forge.XXXX")
  docker save -o "$folder.tar" "$EVIL:1"
  tar -C "$folder" -xf "$folder.tar"
  if [[ -e $folder/index.json ]]; then
    sed -i -E "s#\"io.containerd.image.name\":\"[^\"]*\"#\"io.containerd.image.name\":\"$1\"#" "$folder/index.json"
    rm -f "$folder/manifest.json"
  else
    sed -i -E "s#\"RepoTags\":\[[^]]*\]#\"RepoTags\":[\"$1\"]#" "$folder/manifest.json"
  fi
  tar -C "$folder" -cf "$folder.tar" .
  docker load -i "$folder.tar" || true
  rm -rf "$folder" "$folder.tar"
}
forge "$APP@$SIGNED"
docker image inspect --format 'RESULT evil image {{.Id}} has {{.RepoDigests}}' "$EVIL_ID"
refused '' -- run "$EVIL_ID"
refused '' -- docker create "${EVIL_ID#sha256:}"
forge "$APP:1"
refused '' -- run "$EVIL_ID"
docker image rm -f "$EVIL_ID" >/dev/null || true
docker pull -q "$APP:1"
lab image "$EVIL:1" 'nobody signed me' >/dev/null
sed -i "s/^EVIL_ID=.*/EVIL_ID=$(docker image inspect -f '{{.Id}}' "$EVIL:1")/" "$FOLDER/images"
