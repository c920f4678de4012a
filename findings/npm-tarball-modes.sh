#!/bin/sh
# Files of a published npm package can be unreadable for other users if its tarball is unpacked with tar; npm changes their modes.
#
# A tarball stores the modes of its author's machine. All files of google-protobuf 3.21.4 are readable for owner and group only. npm makes
# files readable for all when it installs them, so nobody notices. A program that unpacks the tarball itself keeps the modes: what root
# unpacked, other users cannot read.
#
# Seen with google-protobuf 3.21.4:
#   tar          -rw-r----- package.json
#   npm install  -rw-r--r-- package.json
. "$(dirname "$0")/lib/packages.sh"

umask 022
npm pack --silent google-protobuf@3.21.4 >/dev/null 2>&1 || exit 2
mkdir unpacked
tar -xzpf google-protobuf-3.21.4.tgz -C unpacked
with_npm google-protobuf@3.21.4
modes() { # folder
  ls -l "$1/package.json" | cut -c 1-10
}
by_tar=$(modes unpacked/package) by_npm=$(modes node_modules/google-protobuf)
echo "tar          $by_tar package.json"
echo "npm install  $by_npm package.json"
[ "$by_tar $by_npm" = '-rw-r----- -rw-r--r--' ]
