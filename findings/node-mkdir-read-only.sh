#!/bin/sh
# On a read-only file system, mkdir of Node with `recursive: true` reports that there is no such file or directory.
#
# The kernel's error is EROFS, "read-only file system". Node reports it without `recursive`, and Python's makedirs reports it too. With
# `recursive: true`, the error is ENOENT for the very folder that should be created, although the folder above it exists. A program that
# shows this message, or that looks for EROFS, does not find the cause.
#
# Seen with Node 20.20.2, 22.23.0 and 24.11.0 on Linux, for a folder in an empty read-only tmpfs:
#   python3 EROFS
#   node without recursive EROFS
#   node with recursive ENOENT
. "$(dirname "$0")/lib/packages.sh"

mkdir disk
# A mount of this script alone, which needs root or a user namespace.
as_root=$([ "$(id -u)" = 0 ] || echo --user --map-root-user)
on_read_only() { # command...
  unshare $as_root --mount sh -c 'mount -t tmpfs -o ro tmpfs disk && exec "$@"' sh "$@"
}
changed=0
try() { # name, expected, command...
  name=$1 expected=$2
  shift 2
  seen=$(on_read_only "$@")
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || changed=1
}
try python3 EROFS python3 -c '
import errno, os
try:
    os.makedirs("disk/folder")
except OSError as error:
    print(errno.errorcode[error.errno])'
for version in 20.20.2 22.23.0 24.11.0; do
  mkdir "node-$version"
  (cd "node-$version" && npm init -y >/dev/null && npm install --no-fund --no-audit "node@$version" >/dev/null 2>&1) || exit 2
  for recursive in false true; do
    expected=$([ $recursive = true ] && echo ENOENT || echo EROFS)
    try "node-$version, recursive: $recursive" "$expected" "node-$version/node_modules/node/bin/node" -e "
try {
  require('node:fs').mkdirSync('disk/folder', { recursive: $recursive });
} catch (error) {
  console.log(error.code);
}"
  done
done
exit $changed
