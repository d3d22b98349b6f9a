#!/usr/bin/env bash
# Writes the canonical forms in vectors.txt anew with the encoder that the Notary client and server are built with.
# Needs Debian's golang-go and golang-github-docker-go-dev; the tests read only vectors.txt.
set -euo pipefail
cd "$(dirname "$0")"
GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= go run encode.go < vectors.txt > vectors.txt.new
mv vectors.txt.new vectors.txt
