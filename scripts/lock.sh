#!/usr/bin/env bash
# Writes scripts/requirements/ anew from pyproject.toml. Versions stay as they are locked unless --upgrade is given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(command -v uv || echo .venv/bin/uv)
# only versions that have wheels, as the installers build nothing
compile=("$uv" pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes
  --no-annotate --no-header "$@")
"${compile[@]}" pyproject.toml --group build --output-file scripts/requirements/runtime.txt
# constrained by the first, so that what is tested is what users get
"${compile[@]}" pyproject.toml --group dev --constraint scripts/requirements/runtime.txt \
  --output-file scripts/requirements/development.txt
echo uv | "${compile[@]}" - --constraint scripts/requirements/development.txt \
  --output-file scripts/requirements/bootstrap.txt
