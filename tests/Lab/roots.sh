# shellcheck shell=bash
# The root file systems of newer engines: debootstrap of a newer Debian suite, made once, kept in a cache and never written to again.
# Packages come from the mirror that this machine's apt uses, verified with this machine's keyring: Debian signs a testing suite with
# the automatic keys of its stable releases, so Debian 12's keyring (2023.3+deb12u2 and later) knows who signed trixie and forky.

readonly LAB_CACHE=${LAB_CACHE:-/var/cache/content-trust-lab}
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# In the root itself: it is written last, and says which version the root holds.
readonly ROOT_STAMP=content-trust-lab-root

readonly ROOT_PACKAGES=docker.io,docker-cli,docker-buildx,docker-compose,ca-certificates,iptables,procps

root_of() {
  printf '%s/%s' "$LAB_CACHE" "$1"
}

# The engine version that a finished root holds, as dockerd says it.
root_version() {
  sed -n 's/^docker=//p' "$(root_of "$1")/$ROOT_STAMP" 2>/dev/null
}

# Makes sure that the root of SUITE stands, and that its engine is of the SERIES we know how to drive.
root_ready() {
  local version
  if [[ ! -e $(root_of "$1")/$ROOT_STAMP ]]; then root_make "$1"; fi
  version=$(root_version "$1")
  [[ $version == "$2".* ]] ||
    die "Debian $1 has engine $version and the lab knows the series $2: look at what changed, then name the new series in tests/Lab/engines.sh"
}

# Several labs may want it at once: one makes it, the others wait.
root_make() {
  local suite=$1 lock
  mkdir -p "$LAB_CACHE"
  exec {lock}<"$LAB_CACHE"
  flock -w 1800 "$lock" || die "another lab.sh has been making a root in $LAB_CACHE for half an hour"
  if [[ ! -e $(root_of "$suite")/$ROOT_STAMP ]]; then
    # What a killed one left behind.
    rm -rf --one-file-system -- "${LAB_CACHE:?}/$suite" "${LAB_CACHE:?}/$suite".new.*
    root_build "$suite"
  fi
  exec {lock}<&-
}

root_build() {
  local suite=$1 mirror new log
  command -v debootstrap >/dev/null || die 'debootstrap is missing; run lab.sh install first'
  mirror=$(apt_mirror)
  new=$(mktemp -d "$LAB_CACHE/$suite.new.XXXXXX")
  log=$LAB_CACHE/$suite.log
  echo "lab: making a root file system of Debian $suite in $LAB_CACHE, once (a minute or two)" >&2
  # A mount namespace of its own: what debootstrap mounts is gone with it. The script "sid" fits every suite that debootstrap does not know yet.
  nice ionice -c 3 unshare --mount --propagation private env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
    debootstrap --variant=minbase --force-check-gpg --keyring="$KEYRING" --include="$ROOT_PACKAGES" "$suite" "$new" "$mirror" sid \
    </dev/null >"$log" 2>&1 || die "debootstrap of Debian $suite failed: $(grep -E '^[EW]: ' "$log" | tail -n 1); see $log"
  chmod 755 "$new"
  rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/*
  root_stamp "$new"
  mv -T "$new" "$(root_of "$suite")"
}

# Last of all: a root without it is not finished.
root_stamp() {
  {
    chroot "$1" dockerd --version | sed -nE 's/^Docker version ([^,+ ]+).*/docker=\1/p'
    # shellcheck disable=SC2016
    chroot "$1" dpkg-query -W -f '${Package}=${Version}\n' docker.io docker-cli docker-buildx docker-compose containerd runc
  } >"$1/$ROOT_STAMP.new"
  mv "$1/$ROOT_STAMP.new" "$1/$ROOT_STAMP"
}

# The mirror of the suite that this machine itself runs.
apt_mirror() {
  local codename mirror
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(REPO_URI)' |
    awk -v release="$codename" '$1 == "Packages" && $2 == release { sub(/\/+$/, "", $3); print $3; exit }')
  [[ -n $mirror ]] || die "apt knows no mirror of Debian $codename; run apt-get update"
  echo "$mirror"
}
