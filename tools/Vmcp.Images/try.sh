#!/usr/bin/env bash
# Runs the program of an OCI archive as a container would, without an engine: its files as a read-only root, user 1000, only /tmp to write to.
#   tools/Vmcp.Images/try.sh artifacts/images/vmcp.tar version
# Needs root, python3 and util-linux. The network is this machine's.
set -euo pipefail
archive=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/layout" "$work/root"
tar -xf "$archive" -C "$work/layout"
# Line by line: the layers, then a line "--", the entrypoint, another "--", the environment.
mapfile -t plan < <(python3 - "$work/layout" << 'PYTHON'
import json, sys
layout = sys.argv[1]
blob = lambda d: f"{layout}/blobs/{d['digest'].replace(':', '/')}"
manifest = json.load(open(blob(json.load(open(layout + "/index.json"))["manifests"][0])))
config = json.load(open(blob(manifest["config"])))["config"]
for part in ([blob(layer) for layer in manifest["layers"]], config["Entrypoint"] + [config["User"]], config["Env"]):
    print(*part, "--", sep="\n")
PYTHON
)
at=0
while [ "${plan[$at]}" != -- ]; do
  tar -xzf "${plan[$at]}" -C "$work/root"
  at=$((at + 1))
done
entry=${plan[$((at + 1))]} user=${plan[$((at + 2))]}
environment=()
for ((i = at + 4; i < ${#plan[@]} - 1; i++)); do environment+=("${plan[$i]}"); done
# exec at each step: a signal to this process' child reaches the program.
unshare --mount --propagation private bash -euc '
  root=$1 user=$2 count=$3
  shift 3
  environment=("${@:1:$count}")
  shift "$count"
  mount --bind "$root" "$root"
  mkdir -p "$root/proc" "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  for device in null urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
  touch "$root/etc/resolv.conf" "$root/etc/hosts"
  mount --bind /proc "$root/proc"
  mount -o remount,ro,bind "$root"
  chroot=$(command -v chroot)
  exec env -i "${environment[@]}" "$chroot" --userspec="$user" "$root" "$@"
' bash "$work/root" "$user" "${#environment[@]}" "${environment[@]}" "$entry" "$@" < /dev/null &
child=$!
trap 'kill -TERM $child 2> /dev/null || true; wait $child || true; rm -rf "$work"' EXIT TERM INT
wait $child
