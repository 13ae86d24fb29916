#!/usr/bin/env bash
# Prints the path of an interpreter that can run the tool: Python 3.11 to 3.14 (the versions that the lock has wheels
# for) with something to install with. Prints nothing where there is none. Looks on PATH, then in the runner's tool cache.
# Works with bash 3.2 (macOS) and Git's bash on Windows. With --github-output it also writes the step output `path`.
set -euo pipefail

# -I: neither PYTHONPATH nor a module lying in the working directory has a say in this
probe='
import importlib.util, shutil, sys, venv
installer = shutil.which("uv") or importlib.util.find_spec("pip") or importlib.util.find_spec("ensurepip")
sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 14) and installer else 1)
'

usable() {
  "$@" -I -c "$probe" >/dev/null 2>&1
}

path_of() {
  "$@" -I -c 'import sys; print(sys.executable)' | tr -d '\r'
}

find_python() {
  local candidate
  for candidate in python3 python python3.14 python3.13 python3.12 python3.11; do
    if usable "$candidate"; then
      path_of "$candidate"
      return
    fi
  done
  if usable py -3; then
    path_of py -3
    return
  fi
  # <tool cache>/Python/<version>/<architecture>/, as actions/setup-python lays it out
  for candidate in "${RUNNER_TOOL_CACHE:-/nonexistent}"/Python/3.1[1-4].*/*/{bin/python3,python.exe}; do
    if usable "$candidate"; then
      path_of "$candidate"
      return
    fi
  done
}

python=$(find_python)
printf '%s\n' "$python"
if [[ "${1:-}" == --github-output ]]; then
  delimiter="end-$RANDOM$RANDOM$RANDOM$RANDOM"
  printf 'path<<%s\n%s\n%s\n' "$delimiter" "$python" "$delimiter" >>"$GITHUB_OUTPUT"
fi
