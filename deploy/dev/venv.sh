#!/usr/bin/env bash
# Make a virtual environment; say in one line what is missing where that is not possible.
set -euo pipefail
python=$1 venv=$2

"$python" - <<'PY' || { echo "Cần Python 3.11 trở lên / Python 3.11 or later is needed: make PYTHON=python3.11 …" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
PY

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "Thiếu gói python3-venv / python3-venv is missing: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi
"$python" -m venv "$venv"
