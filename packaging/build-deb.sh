#!/bin/bash
# Builds content-trust_VERSION_ARCH.deb. The same commit and SDK give the same bytes, wherever they are built.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

write_control() {
  local tree=$1 size
  # dpkg counts in KiB, every file rounded up (deb-substvars(5)).
  size=$(find "$tree" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
  mkdir "$tree/DEBIAN"
  sed -e "s/@VERSION@/$(version)/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" "$ROOT/packaging/deb/control" >"$tree/DEBIAN/control"
  echo /etc/content-trust/settings.json >"$tree/DEBIAN/conffiles"
  install -m 755 -t "$tree/DEBIAN" "$ROOT"/packaging/deb/{postinst,prerm,postrm}
  (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

command -v dpkg-deb >/dev/null || die 'there is no dpkg-deb here; build on Debian or Ubuntu, or use build-tarball.sh'
begin package "$@"
mkdir "$work/tree"
stage_tree "$work/tree"
write_control "$work/tree"
package=$out/content-trust_$(version)_$arch.deb
# One thread: xz makes other bytes with more, and their number is the machine's.
dpkg-deb --root-owner-group -Zxz -z6 --threads-max=1 --build "$work/tree" "$package" >/dev/null
echo "$package"
