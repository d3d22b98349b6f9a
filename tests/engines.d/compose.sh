# shellcheck shell=bash
# up, scale, recreate and down with the docker-compose that belongs to the engine.
[[ -n $LAB_COMPOSE ]] || { echo 'compose is not installed: skipped'; exit 0; }
mkdir -p "$FOLDER/project"
cat >"$FOLDER/project/docker-compose.yml" <<TEXT
version: "2.4"
services:
  one:
    image: $RUN
    command: sleep 600
    network_mode: none
    labels: { Mixed.Case: "1", mixed.case: "2" }
    volumes: ["data:/data"]
  two:
    image: $APP@$SIGNED
    command: sleep 600
    network_mode: none
    depends_on: [one]
volumes: { data: {} }
TEXT
compose() { (cd "$FOLDER/project" && timeout 120 "$LAB_COMPOSE" "$@" </dev/null); }
allowed -- compose up -d
[[ $(docker ps -q | wc -l) == 2 ]] || fail 'two containers should run'
allowed -- compose up -d --force-recreate
allowed -- compose restart -t 0
allowed -- compose exec -T one true
allowed -- compose ps
allowed -- compose stop -t 0
allowed -- compose start
sed -i "s#image: $RUN#image: $EVIL:1#" "$FOLDER/project/docker-compose.yml"
refused "$EVIL:1" -- compose up -d
allowed -- compose down -v -t 0
