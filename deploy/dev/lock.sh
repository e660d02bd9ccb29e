#!/usr/bin/env bash
# Write requirements/*.txt from pyproject.toml: exact versions with hashes, no address of any index.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(mktemp -d) # apart, so that the locked environment holds what is locked and nothing else
trap 'rm -rf "$tools"' EXIT
deploy/dev/venv.sh "${1:-python3}" "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check "pip-tools>=7.5"

compile() { # OUT GROUPS AND EXTRAS…
    local out=$1 && shift
    "$tools/bin/python" - "$@" > requirements/.in <<'PY'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
more = project["project"]["optional-dependencies"] | project["dependency-groups"]
for name in sys.argv[1:]:
    wanted += more[name]
print("\n".join(wanted))
PY
    "$tools/bin/python" -m piptools compile --quiet --no-strip-extras --generate-hashes --allow-unsafe \
        --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
        --no-emit-options --output-file "requirements/$out" requirements/.in
    rm requirements/.in
}

compile runtime.txt
compile forms.txt forms
compile dev.txt forms dev
compile bench.txt forms dev bench
