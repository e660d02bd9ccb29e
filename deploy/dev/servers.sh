#!/usr/bin/env bash
# What the tests need from the distribution: RabbitMQ, PostgreSQL, Node.js, and Pango with a font
# that has every Vietnamese letter for printed forms. Installs what is
# missing where we may, else says in one line what to install. Starts nothing: the tests start
# private nodes of their own.
set -euo pipefail
node_client=$1

missing=()
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
compgen -G '/usr/lib/*/libpangoft2-1.0.so.0' >/dev/null || missing+=(libpangoft2-1.0-0)
compgen -G '/usr/lib/*/libharfbuzz-subset.so.0' >/dev/null || missing+=(libharfbuzz-subset0)
compgen -G '/usr/share/fonts/truetype/liberation*/LiberationSerif-Regular.ttf' >/dev/null || missing+=(fonts-liberation2)

if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        run=()
    elif command -v sudo >/dev/null && command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
        run=(sudo)
    else
        echo "Thiếu gói / packages are missing: sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "Cài đặt / installing: ${missing[*]}" >&2
    "${run[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -e "$node_client/node_modules/.package-lock.json" ] ||
    [ "$node_client/package-lock.json" -nt "$node_client/node_modules/.package-lock.json" ]; then
    (cd "$node_client" && npm ci --silent --no-audit --no-fund)
fi
