#!/bin/bash
# Builds content-trust-VERSION-linux-ARCH.tar.gz with install.sh and uninstall.sh, for systems without dpkg. Reproducible as build-deb.sh.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

begin tarball "$@"
name=content-trust-$(version)-linux-$arch
mkdir -p "$work/$name/files"
stage_tree "$work/$name/files"
install -m 755 -t "$work/$name" "$ROOT"/packaging/tarball/{install,uninstall}.sh
install -m 644 -t "$work/$name" "$ROOT/LICENSE"
tarball=$out/$name.tar.gz
tar -C "$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$name" | gzip -9n >"$tarball"
echo "$tarball"
