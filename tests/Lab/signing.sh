# shellcheck shell=bash
# Signatures, made with the docker CLI and with Debian's notary client.
# Pushing goes through the lab's engine, and so past the plugin when there is one: it lets pushes, imports and tags pass.

# Prints the client that signs: the owner, or a signer who gets a folder and keys at the first use.
client_of() {
  [[ $1 =~ ^[a-z0-9][a-z0-9_-]*$ ]] || die "a signer's name is made of a-z 0-9 _ and -, not $1"
  if [[ ! -d $LAB_DIR/clients/$1 ]]; then
    PORT=([notary]=${LAB_NOTARY##*:} [login-registry]=${LAB_LOGIN_REGISTRY##*:})
    LOGIN_PASSWORD=$LAB_LOGIN_PASSWORD write_client "$LAB_DIR/clients/$1"
  fi
  echo "$1"
}

# The docker CLI decides where a signature goes: into `targets` while the repository has no delegations, afterwards into those
# delegations whose key the client holds (targets/releases for a signer), and it refuses when it holds none.
sign() {
  local client
  client=$(client_of "${2-owner}")
  if [[ $ENGINE == *-containerd ]]; then
    sign_pushed "$1" "$client"
  else
    CONTENT_TRUST=1 image_push "$1" "$client"
  fi
}

# With the containerd store the engine does not tell the CLI what it pushed, and the CLI signs nothing ("no hashes specified for
# target"). So the notary client does what the CLI would have done.
sign_pushed() {
  local client=$2 size digest roles
  split_reference "$1"
  digest=$(image_push "$1" "$client")
  roles=$(signing_roles "$REPO" "$client")
  read -r _ size <<<"$(manifest "$REPO" "$digest")"
  # shellcheck disable=SC2086
  run "signing $1" notary_as "$client" addhash "$REPO" "$TAG" "$size" --sha256 "${digest#sha256:}" $roles --publish >/dev/null
  echo "$digest"
}

# Prints the roles that CLIENT signs in, as options. The first signature makes the repository, whose snapshot key the server keeps.
signing_roles() {
  local repo=$1 client=$2 list
  if ! list=$(notary_as "$client" delegation list "$repo" 2>/dev/null); then
    run "making the trust data of $repo" notary_as owner init "$repo" --publish >/dev/null
    run "giving the server the snapshot key of $repo" notary_as owner key rotate "$repo" snapshot --server-managed >/dev/null
    list=''
  fi
  if [[ $list == *targets/releases* ]]; then
    [[ $list == *"targets/$client "* ]] || die "no valid signing keys: $client is no signer of $repo"
    printf -- '--roles targets/%s --roles targets/releases' "$client"
  else
    printf -- '--roles targets'
  fi
}

signer_add() {
  local repo=$1 signer
  signer=$(client_of "$2")
  make_key "$signer" "$signer"
  run "adding the signer $2 to $repo" docker_as owner trust signer add --key "$LAB_DIR/clients/$signer/$signer.pub" "$signer" "$repo" >/dev/null
}

# make_key CLIENT NAME: a delegation key, once.
make_key() {
  local folder=$LAB_DIR/clients/$1
  [[ ! -e $folder/$2.pub ]] || return 0
  run "making a key for $2" docker_as "$1" trust key generate "$2" --dir "$folder" >/dev/null
}

revoke() {
  local client
  client=$(client_of "${2-owner}")
  split_reference "$1"
  run "revoking $1" docker_as "$client" trust revoke "$REPO:$TAG" >/dev/null
}

# notary_as CLIENT ARGUMENT...
notary_as() {
  local trust=$LAB_DIR/clients/$1/trust
  shift
  notary_in "$trust" "$@"
}

notary_in() {
  local trust=$1
  shift
  timeout 120 env -i PATH=/usr/bin:/bin HOME="$LAB_DIR/home" \
    NOTARY_ROOT_PASSPHRASE="$DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE" NOTARY_TARGETS_PASSPHRASE="$DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" \
    NOTARY_SNAPSHOT_PASSPHRASE="$DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" NOTARY_DELEGATION_PASSPHRASE="$DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" \
    notary --server "$LAB_NOTARY" --tlscacert "$LAB_CA" --trustDir "$trust" "$@" <<<yes
}

# For everything that has no subcommand of its own: a command of Debian's notary client, or of docker trust, in the shoes of CLIENT,
# who gets a folder and keys at the first use. notary asks before a root key is rotated; the answer is yes.
client_notary() {
  local client
  client=$(client_of "$1")
  shift
  run "notary $*" notary_as "$client" "$@"
}

client_trust() {
  local client
  client=$(client_of "$1")
  shift
  run "docker trust $*" docker_as "$client" trust "$@"
}

# Signs many tags of one image at once, as a build server does that signs every build: TAG, TAG-1, TAG-2, ...
sign_many() {
  local repo=$1 tag=$2 count=$3 client digest size number
  client=$(client_of "${4-owner}")
  read -r digest size <<<"$(manifest "$repo" "$tag")"
  [[ -n $size ]] || die "the registry has no $repo:$tag; push it first"
  for ((number = 1; number <= count; number++)); do
    run "signing $repo:$tag-$number" notary_as "$client" addhash "$repo" "$tag-$number" "$size" --sha256 "${digest#sha256:}" >/dev/null
  done
  run "publishing $repo" notary_as "$client" publish "$repo" >/dev/null
}

# Signs in one role only, which the docker CLI cannot: into `targets` beside delegations, or into one like targets/qa that no CLI reads.
sign_into() {
  local repo=$1 tag=$2 role=$3 client digest size
  read -r digest size <<<"$(manifest "$repo" "$tag")"
  [[ -n $size ]] || die "the registry has no $repo:$tag; push it first"
  case $role in
    targets) client=owner ;;
    targets/*)
      delegate "$repo" "$role"
      client=$(role_client "$role")
      ;;
    *) die "the role is targets or begins with targets/, not $role" ;;
  esac
  run "signing $repo:$tag in $role" notary_as "$client" addhash "$repo" "$tag" "$size" --sha256 "${digest#sha256:}" --roles "$role" --publish >/dev/null
  echo "$digest"
}

# The client that holds the key of a role: targets/qa/late is signed by role-qa-late.
role_client() {
  local name=${1#targets/}
  if [[ $1 == targets ]]; then echo owner; else client_of "role-${name//\//-}"; fi
}

# Makes sure that the role exists and that its client's key may sign in it.
delegate() {
  local repo=$1 role=$2 client parent
  parent=${role%/*}
  if [[ $parent != targets ]]; then delegate "$repo" "$parent"; fi
  client=$(role_client "$role")
  make_key "$client" "$client"
  run "adding the role $role to $repo" notary_as "$(role_client "$parent")" delegation add "$repo" "$role" \
    "$LAB_DIR/clients/$client/$client.pub" --all-paths --publish >/dev/null
}

# Prints digest and size of the manifest that the registry serves for a tag; nothing when it has none.
manifest() {
  curl --silent --fail --noproxy '*' --max-time 20 --head --user "$LAB_LOGIN_USER:$LAB_LOGIN_PASSWORD" \
    --header 'Accept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json' \
    --header 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' \
    "http://${1%%/*}/v2/${1#*/}/manifests/$2" | tr -d '\r' |
    awk 'tolower($1) == "docker-content-digest:" { digest = $2 } tolower($1) == "content-length:" { size = $2 } END { if (digest) print digest, size }'
}

delete_trust() {
  run "deleting the trust data of $1" notary_as owner delete "$1" --remote >/dev/null
}

# The certificate of the root key in the newest root, as the server has it.
root_certificate() {
  local root id
  root=$(run "reading the root of $1" curl --silent --show-error --fail --noproxy '*' --max-time 20 --cacert "$LAB_CA" \
    "$LAB_NOTARY/v2/$1/_trust/tuf/root.json")
  id=$(grep -oP '"root":\{"keyids":\["\K[0-9a-f]{64}' <<<"$root") || die "the root of $1 names no root key"
  { grep -oP "\"$id\":\\{\"keytype\":\"ecdsa-x509\",\"keyval\":\\{\"private\":null,\"public\":\"\\K[^\"]+" <<<"$root" | base64 -d; } ||
    die "the root key of $1 is not an ecdsa certificate"
}

# A key's id is the SHA-256 of its canonical JSON. It must be the one that a client of the lab keeps as a root key.
root_key_id() {
  local certificate key id
  split_reference "$1"
  certificate=$(root_certificate "$REPO")
  key=$(openssl x509 -noout -pubkey <<<"$certificate" | openssl pkey -pubin -outform DER | base64 -w0)
  id=$(printf '{"keytype":"ecdsa","keyval":{"private":null,"public":"%s"}}' "$key" | sha256sum | cut -d' ' -f1)
  grep -qsx 'role: root' "$LAB_DIR"/clients/*/trust/private/"$id".key || die "no client of the lab has the root key $id of $REPO"
  echo "$id"
}

root_cert_id() {
  local output
  split_reference "$1"
  output=$(run "inspecting $REPO" docker_as owner trust inspect --pretty "$REPO")
  grep -oP '^\s*Root Key:\s*\K[0-9a-f]{64}' <<<"$output" || die "docker trust inspect shows no root key for $REPO"
}

# What the docker CLI would take: targets/releases first, then targets. A fresh trust folder, so that nothing remembered helps;
# or that of a client, who then knows what it saw before.
lookup() {
  local repo=$1 tag=$2 fresh trust list status=0
  fresh=$(mktemp -d "$LAB_DIR/run/lookup.XXXXXX")
  trust=$fresh
  if [[ -n ${3-} ]]; then trust=$LAB_DIR/clients/$(client_of "$3")/trust; fi
  list=$(run "looking up $repo:$tag" notary_in "$trust" list "$repo" --roles targets/releases --roles targets) || status=$?
  rm -rf "$fresh"
  ((status == 0)) || return "$status"
  awk -v tag="$tag" '$1 == tag && ($4 == "targets/releases" || $4 == "targets") { print "sha256:" $2; found = 1; exit } END { exit !found }' <<<"$list" ||
    die "$repo has no signed tag $tag"
}
