#!/usr/bin/env bash
# What `make test-real` needs from the system: Debian's packages, as root or by sudo.
set -euo pipefail

"$(dirname "${BASH_SOURCE[0]}")/vscode/install.sh"

missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-noto-color-emoji)
command -v gnome-keyring-daemon >/dev/null || missing+=(gnome-keyring)
command -v dbus-run-session >/dev/null || missing+=(dbus dbus-daemon)
command -v systemd-analyze >/dev/null || missing+=(systemd)
[ -d /usr/lib/postgresql ] || missing+=(postgresql)
command -v nvim >/dev/null || missing+=(neovim)
command -v emacs >/dev/null || missing+=(emacs-nox)
compgen -G '/usr/share/emacs/site-lisp/elpa-src/markdown-mode-*' >/dev/null ||
  missing+=(elpa-markdown-mode)
compgen -G '/usr/share/emacs/site-lisp/elpa-src/eglot-*' >/dev/null ||
  compgen -G '/usr/share/emacs/*/lisp/progmodes/eglot.elc' >/dev/null || missing+=(elpa-eglot)
command -v vim >/dev/null || missing+=(vim)
[ -d /usr/share/vim-ale ] || missing+=(vim-ale)
[ ${#missing[@]} -eq 0 ] && exit 0

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
