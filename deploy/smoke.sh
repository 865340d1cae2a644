#!/bin/sh
# Asks a running banjie whether it serves: deploy/smoke.sh https://banjie.example.gov.cn
set -eu
base=${1:?usage: deploy/smoke.sh BASE_URL}

expect() { # status path
    got=$(curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' "$base$2") || got="no answer"
    [ "$got" = "$1" ] || { echo "smoke: $2 answered $got instead of $1" >&2; exit 1; }
}

expect 200 /healthz
expect 200 /
expect 200 /sign-in
expect 200 /api/v1/openapi.json
expect 401 /api/v1/tasks
expect 404 /no-such-page
curl --silent --max-time 10 --head "$base/" | grep -qi "^content-security-policy: default-src 'self'" \
    || { echo "smoke: no content security policy" >&2; exit 1; }
echo "smoke: $base is well"
