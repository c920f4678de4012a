# Begins every script: a temporary folder that is removed at the end, and packages of fixed versions in it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

with_npm() {
  npm init --yes > npm.log
  npm install --ignore-scripts "$@" >> npm.log
}

with_pip() {
  python3 -m venv venv
  venv/bin/pip install --quiet "$@"
}
