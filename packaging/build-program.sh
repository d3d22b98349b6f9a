#!/bin/bash
# Builds the program as packages ship it: one file, self-contained, trimmed, compiled ahead (ReadyToRun).
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TEXT'
usage: build-program.sh [--arch amd64|arm64] [--out DIR]   DIR/content-trust, and in DIR/notices the licences of what it contains
       build-program.sh --update-locks [--arch …]          after a new SDK or package: write packaging/locks anew
The restore is locked: packaging/locks has the packages of each architecture, and the hashes of the runtime packs, which
NuGet's own lock files leave out. Needs the .NET SDK and, for what is not there yet, nuget.org.
TEXT
}

# The packs that become part of the program, and the compiler: name and version, one on a line. The SDK names the version.
packs() {
  printf '%s\n' "microsoft.netcore.app.runtime.$rid" "microsoft.aspnetcore.app.runtime.$rid" microsoft.netcore.app.crossgen2.linux-x64 |
    sed "s/\$/ $runtime_version/"
}

# Name, version and SHA-512 of each pack, as NuGet kept it when it unpacked the download.
pack_hashes() {
  local name version
  while read -r name version; do
    printf '%s %s %s\n' "$name" "$version" "$(<"$packages/$name/$version/$name.$version.nupkg.sha512")"
  done < <(packs)
}

publish() {
  dotnet publish "$ROOT/src/AuthzPlugin/AuthzPlugin.csproj" -c Release -r "$rid" --nologo -v quiet --disable-build-servers \
    -p:DirectoryBuildPropsPath="$ROOT/packaging/publish.props" --artifacts-path "$work/build" -o "$work/published" "$@" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2 && die "dotnet publish failed for $rid; see above"; }
}

check_packs() {
  if [[ ! -e $locks/packs.sha512 ]]; then
    echo "build-program.sh: the runtime packs of $rid are not pinned yet; see --update-locks" >&2
    return
  fi
  diff -u "$locks/packs.sha512" <(pack_hashes) >&2 ||
    die "the runtime packs are not those of $locks/packs.sha512; after a deliberate change of the SDK run build-program.sh --update-locks"
}

update=''
if [[ ${1-} == --update-locks ]]; then
  update=yes
  shift
fi
read_arguments "$@"
[[ -z $program ]] || die '--program makes no sense here'
case $arch in amd64) rid=linux-x64 ;; arm64) rid=linux-arm64 ;; esac
locks=$ROOT/packaging/locks/$rid
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
command -v dotnet >/dev/null || die 'there is no dotnet on the PATH; install the .NET SDK'
make_work_folder
packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //; s:/$::')
runtime_version=$(dotnet msbuild "$ROOT/src/AuthzPlugin/AuthzPlugin.csproj" -getProperty:BundledNETCoreAppPackageVersion)

if [[ -n $update ]]; then
  publish -p:RestoreForceEvaluate=true
  pack_hashes >"$locks/packs.sha512"
  exit
fi
publish -p:RestoreLockedMode=true
check_packs
install -D -m 755 "$work/published/content-trust" "$out/content-trust"
for part in netcore aspnetcore; do
  for notice in "$packages/microsoft.$part.app.runtime.$rid/$runtime_version"/{LICENSE,THIRD-PARTY-NOTICES}*; do
    install -D -m 644 "$notice" "$out/notices/$part-$(basename "$notice")"
  done
done
