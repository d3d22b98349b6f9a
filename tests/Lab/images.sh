# shellcheck shell=bash
# Small images, and pushing them without a signature.

# Debian 12's docker CLI, whatever the engine, as a client: docker_as CLIENT ARGUMENT... The environment is clean: what the caller has set for
# another engine, DOCKER_CONTENT_TRUST above all, does not count here. Bounded, because a plugin that hangs hangs the engine.
docker_as() {
  local client=$LAB_DIR/clients/$1
  shift
  timeout 120 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$LAB_DIR/home" DOCKER_HOST="$DOCKER_HOST" DOCKER_CONFIG="$client" \
    DOCKER_CONTENT_TRUST="${CONTENT_TRUST-0}" DOCKER_CONTENT_TRUST_SERVER="$DOCKER_CONTENT_TRUST_SERVER" \
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE="$DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE" \
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE="$DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" \
    "$CLI" "$@" </dev/null
}

# Splits a reference: sets REPO and TAG.
split_reference() {
  [[ $1 != *@* ]] || die "name a tag, not a digest: $1"
  REPO=$1 TAG=latest
  if [[ ${1##*/} == *:* ]]; then
    REPO=${1%:*} TAG=${1##*:}
  fi
}

# The root file system of all images: busybox under all its names. Debian's busybox package is not static, then its libraries come too.
image_root() {
  local root name library
  [[ ! -d $LAB_DIR/rootfs ]] || return 0
  root=$(mktemp -d "$LAB_DIR/run/rootfs.XXXXXX")
  chmod 755 "$root"
  mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev}
  cp -L "$(command -v busybox)" "$root/bin/busybox"
  while read -r name; do
    ln -sf busybox "$root/bin/$name"
  done < <(busybox --list | grep -vx busybox)
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done < <({ ldd "$(command -v busybox)" 2>/dev/null || true; } | grep -oE '/[^ ]+')
  printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
  chmod 1777 "$root/tmp"
  # Another lab.sh may have been at it as well; one of the two results is enough.
  mv -T --no-clobber "$root" "$LAB_DIR/rootfs" 2>/dev/null || true
  rm -rf "$root"
}

image_make() {
  local reference=$1 text=$2 message status=0
  image_root
  message=$(mktemp -d "$LAB_DIR/run/image.XXXXXX")
  printf '%s\n' "$text" >"$message/message"
  tar -C "$LAB_DIR/rootfs" --owner=0 --group=0 -c . -C "$message" message >"$message/image.tar"
  # A subshell, so that the folder goes away when the import fails, too.
  (run "making the image $reference" docker_as owner import -c 'CMD ["/bin/cat","/message"]' "$message/image.tar" "$reference") || status=$?
  rm -rf "$message"
  return "$status"
}

# Prints the digest that the registry now has for the tag.
image_push() {
  local output
  split_reference "$1"
  output=$(run "pushing $1" docker_as "${2-owner}" push "$REPO:$TAG")
  grep -oE 'digest: sha256:[0-9a-f]{64}' <<<"$output" | tail -n 1 | cut -d' ' -f2
}
