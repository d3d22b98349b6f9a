# shellcheck shell=bash
# Debian packages: installs what is missing and leaves everything else on the machine as it was.

readonly POLICY=/usr/sbin/policy-rc.d
readonly POLICY_BEFORE=$POLICY.before-content-trust-lab
readonly POLICY_SIGN='# put here by the content-trust lab while it installs packages'

readonly CONFLICTING=(docker-ce docker-ce-cli docker-ce-rootless-extras moby-engine moby-cli podman-docker)

# The units that the packages would start at the next boot. The lab needs none of them running.
declare -rA UNITS=([docker.io]='docker.service docker.socket' [containerd]=containerd.service [docker-registry]=docker-registry.service)

installed() {
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null || true) == ?i* ]]
}

missing_packages() {
  local package
  for package in docker.io docker-registry notary socat openssl curl util-linux; do
    installed "$package" || echo "$package"
  done
  if [[ ${1-} == engines ]]; then
    for package in debootstrap docker-compose; do
      installed "$package" || echo "$package"
    done
  fi
  # busybox and busybox-static exclude each other; images.sh can use either.
  installed busybox || installed busybox-static || echo busybox-static
}

# What `up` relies on, checked by name so that a machine prepared in another way is welcome too.
need_tools() {
  local tool
  for tool in /usr/bin/docker dockerd containerd runc docker-registry notary notary-server busybox socat openssl curl unshare nsenter; do
    PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$tool" >/dev/null || die "$tool is missing; run lab.sh install first"
  done
}

# With `engines` also what newer engines and the engine matrix need.
install_packages() {
  local missing name plan
  [[ ${1-engines} == engines ]] || die "unknown set of packages $1; only engines is known"
  need_root
  for name in "${CONFLICTING[@]}"; do
    if installed "$name"; then
      die "$name is installed and Debian's docker.io cannot stand beside it; use a Debian 12 machine or VM without it"
    fi
  done
  exec 8</usr/sbin
  flock -w 600 8 || die "another lab.sh install has been running for ten minutes"
  policy_release # an earlier install may have been killed
  mapfile -t missing < <(missing_packages "${1-}")
  ((${#missing[@]} > 0)) || return 0
  # shellcheck disable=SC1091
  name=$(. /etc/os-release && echo "${ID-} ${VERSION_ID-}")
  [[ $name == 'debian 12' ]] || die "missing here: ${missing[*]}; the lab is made of Debian 12's packages and this is ${name:-no Debian}"

  apt_get update >/dev/null
  plan=$(apt_get install --simulate "${missing[@]}")
  # "Inst NAME [OLD] (NEW ...)" is an upgrade: this machine's packages are not ours to change.
  if name=$(grep -m1 -oP '^(Remv \S+|Inst \S+(?= \[))' <<<"$plan"); then
    die "apt would have to change ${name#* }, which is already installed; do that yourself (apt upgrade), then run this again"
  fi
  trap policy_release EXIT
  policy_hold
  apt_get install "${missing[@]}" >/dev/null
  disable_units "$plan"
  policy_release
  trap - EXIT
}

# apt_get VERB ARGUMENT...: quiet, asks nothing, restarts nothing; its output is shown only as one line when it fails.
apt_get() {
  local verb=$1 output
  shift
  output=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    --no-remove --no-install-recommends "$verb" "$@" 2>&1 8<&-) ||
    die "apt-get $verb $* failed: $(grep -m1 '^[EW]: ' <<<"$output" || tail -n 1 <<<"$output")"
  printf '%s\n' "$output"
}

# While this is in place no package starts a service. What was there before waits beside it.
policy_hold() {
  if [[ -e $POLICY || -L $POLICY ]]; then mv -- "$POLICY" "$POLICY_BEFORE"; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_SIGN" >"$POLICY"
  chmod 755 "$POLICY"
}

policy_release() {
  if [[ -e $POLICY_BEFORE || -L $POLICY_BEFORE ]]; then
    mv -f -- "$POLICY_BEFORE" "$POLICY"
  elif [[ -f $POLICY ]] && grep -qxF "$POLICY_SIGN" "$POLICY"; then
    rm -f -- "$POLICY"
  fi
}

# Nothing we brought may come up at the next boot either: docker-registry would listen on every interface.
disable_units() {
  local package units
  command -v systemctl >/dev/null || return 0
  for package in "${!UNITS[@]}"; do
    if grep -q "^Inst $package " <<<"$1"; then
      read -ra units <<<"${UNITS[$package]}"
      systemctl disable --quiet "${units[@]}" >/dev/null 2>&1 ||
        die "cannot switch off ${UNITS[$package]}, which came with $package; do it with systemctl disable"
    fi
  done
  echo "lab: packages installed; their services were not started and are switched off (systemctl enable --now docker if you want one)" >&2
}
