# shellcheck shell=bash disable=SC2154
# What the builders make: the same bytes everywhere, and a package with the right things in it.

building_cases() {
  check Debian_12_can_be_had
  check Two_builds_in_different_folders_give_the_same_package
  deb=$(echo "$work"/first/*.deb)
  [[ -e $deb ]] || { echo "FAILED: there is no package to go on with" && exit 1; }
  dpkg-deb --extract "$deb" "$work/tree"
  dpkg-deb --raw-extract "$deb" "$work/raw"
  program=$work/tree/usr/lib/content-trust/content-trust
  check Two_tarballs_of_one_program_have_the_same_bytes
  check The_package_names_its_version_its_settings_as_conffile_and_its_checksums
  check The_package_has_the_program_the_units_the_documents_and_no_file_of_root_alone
  check The_package_depends_on_every_library_that_the_program_loads
  check The_program_has_no_path_of_the_machine_that_built_it
  check The_arm64_package_is_built
}

Debian_12_can_be_had() { system_ready; }

Two_builds_in_different_folders_give_the_same_package() {
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
  export SOURCE_DATE_EPOCH
  packaging/build-deb.sh --out "$work/first"
  mkdir "$work/a folder with another name"
  tar --exclude=bin --exclude=obj --exclude=.git --exclude=artifacts -c . | tar -x -C "$work/a folder with another name"
  "$work/a folder with another name/packaging/build-deb.sh" --out "$work/second"
  rm -rf "$work/a folder with another name"
  cmp "$work"/first/*.deb "$work"/second/*.deb
  echo "figure: package content-trust_amd64.deb: $(stat -c %s "$work"/first/*.deb) bytes, built twice with one sha256 $(sha256sum <"$work"/first/*.deb | cut -c1-64)"
}

# The licences are taken from the package: what build-program.sh gives.
program_folder() {
  mkdir -p "$work/program"
  cp "$program" "$work/program"
  cp -r "$work/tree/usr/share/doc/content-trust/dotnet" "$work/program/notices"
}

Two_tarballs_of_one_program_have_the_same_bytes() {
  program_folder
  packaging/build-tarball.sh --program "$work/program" --out "$work/tarball"
  packaging/build-tarball.sh --program "$work/program" --out "$work/tarball2"
  cmp "$work"/tarball/*.tar.gz "$work"/tarball2/*.tar.gz
  echo "figure: tarball: $(stat -c %s "$work"/tarball/*.tar.gz) bytes, sha256 $(sha256sum <"$work"/tarball/*.tar.gz | cut -c1-64)"
}

The_package_names_its_version_its_settings_as_conffile_and_its_checksums() {
  same "$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)" "$(dpkg-deb --field "$deb" Version)" version
  same amd64 "$(dpkg-deb --field "$deb" Architecture)" architecture
  same /etc/content-trust/settings.json "$(cat "$work/raw/DEBIAN/conffiles")" conffiles
  cmp config/settings.json "$work/tree/etc/content-trust/settings.json"
  (cd "$work/raw" && md5sum --quiet -c DEBIAN/md5sums)
  same "$(cd "$work/tree" && find usr -type f | wc -l)" "$(wc -l <"$work/raw/DEBIAN/md5sums")" 'files with a checksum'
  echo "figure: installed program: $(stat -c %s "$program") bytes, package in all $(dpkg-deb --field "$deb" Installed-Size) KiB"
}

The_package_has_the_program_the_units_the_documents_and_no_file_of_root_alone() {
  local path
  for path in usr/bin/content-trust usr/lib/systemd/system/content-trust.{service,socket} usr/lib/systemd/system/docker.service.d/content-trust.conf \
    usr/share/doc/content-trust/{README.md,configuration.md,operations.md,data-flow.svg,copyright,examples/daemon.json.example,dotnet/netcore-LICENSE.TXT} \
    usr/share/man/man8/content-trust.8.gz usr/share/man/man5/content-trust{.json,-settings}.5.gz usr/share/bash-completion/completions/content-trust; do
    [[ -e $work/tree/$path ]] || { echo "$path is missing"; return 1; }
  done
  # Every file is root's, everybody may read it, nobody else may write it, and nothing has special bits.
  same '' "$(dpkg-deb --contents "$deb" | grep -Ev '^(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x|lrwxrwxrwx) root/root ')" 'other modes or owners'
  same '' "$(dpkg-deb --contents "$deb" | grep -F /etc/docker)" 'files in /etc/docker'
}

The_package_depends_on_every_library_that_the_program_loads() {
  local library owner depends
  depends=$(dpkg-deb --field "$deb" Depends)
  # libssl is opened at run time: OpenSSL's version is not known before.
  for library in $(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p') libssl.so.3; do
    owner=$(dpkg-query --admindir="$SYSTEM_CACHE/var/lib/dpkg" -S "*/$library" | head -n 1 | cut -d: -f1)
    [[ -n $owner && " ${depends//,/ } " == *" $owner "* ]] || { echo "$library is of ${owner:-no package}, and the package depends on: $depends"; return 1; }
  done
}

The_program_has_no_path_of_the_machine_that_built_it() {
  local encoding
  for encoding in s l; do
    same '' "$(strings -e "$encoding" "$program" | grep -E "$PWD|/tmp/tmp\.|$HOME/\.nuget" | head -n 3)" 'paths'
  done
}

The_arm64_package_is_built() {
  local log=$work/arm64.log
  if ! packaging/build-deb.sh --arch arm64 --out "$work/arm64" >"$log" 2>&1; then
    cat "$log"
    grep -q 'NU1101.*linux-arm64' "$log" || return 1
    echo 'the package registry here has no runtime packs for linux-arm64 (NU1101)'
    return 77
  fi
  same arm64 "$(dpkg-deb --field "$work"/arm64/*.deb Architecture)" architecture
  dpkg-deb --extract "$work"/arm64/*.deb "$work/arm64-tree"
  readelf -h "$work/arm64-tree/usr/lib/content-trust/content-trust" | grep -q AArch64
}
