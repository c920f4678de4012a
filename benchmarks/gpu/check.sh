#!/usr/bin/env bash
# Checks fixres on a machine with an NVIDIA card, in at most ten minutes: set-up, doctor, the engine's numerical tests, the training step
# beside Keras on the same card, a short experiment. Writes one JSON file. On a machine without a card it does the same on the CPU, as a
# dry run, and says so. Needs a built checkout (`npm run demo` builds one).
set -uo pipefail

usage='Usage: benchmarks/gpu/check.sh [--cpu] [--from FOLDER] [--python PROGRAM] [--out FILE]
  --cpu             leave the card alone: a dry run
  --from FOLDER     take the engine from a folder that "fixres setup --download FOLDER --gpu" has filled
  --python PROGRAM  Python with tensorflow and keras (default: one that pip makes in the cache folder)
  --out FILE        the JSON file (default: gpu-check.json)'

cd "$(dirname "$0")/../.." || exit 1
cpu='' from='' python='' out="$PWD/gpu-check.json"
while (($# > 0)); do
  case $1 in
    --cpu) cpu=yes ;;
    --from | --python | --out)
      (($# > 1)) || { echo "$1 needs a value" >&2; exit 2; }
      case $1 in --from) from=$(realpath "$2") ;; --python) python=$2 ;; --out) out=$(realpath -m "$2") ;; esac
      shift
      ;;
    *) echo "$usage" >&2; exit 2 ;;
  esac
  shift
done

if [[ -z $cpu ]] && ! nvidia-smi -L >/dev/null 2>&1; then
  echo 'No card is here: this is a dry run on the CPU.' >&2
  cpu=yes
fi
if [[ -n $cpu ]]; then
  export FIXRES_DEVICE=cpu CUDA_VISIBLE_DEVICES=-1
  flags=() size=64 batch=8
else
  export FIXRES_DEVICE=gpu
  flags=(--gpu) size=224 batch=64
fi
[[ -n $from ]] && flags+=(--from "$from")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
began=$SECONDS
fixres=(node apps/cli/bin/fixres.js)
vitest=$PWD/node_modules/.bin/vitest

# Runs a step within what is left of the ten minutes. Its output is in $work, its exit code and seconds in $work/steps.
step() {
  local name=$1 left=$((600 - (SECONDS - began))) start=$SECONDS code
  shift
  echo "> $name" >&2
  if ((left > 0)); then timeout "$left" "$@" >"$work/$name.out"; code=$?; else code=124; fi
  echo "$name $code $((SECONDS - start))" >>"$work/steps"
  return "$code"
}

# TF32, which TensorFlow takes for float32 on newer cards, has 10 bits of mantissa: no test of float32 arithmetic can hold with it.
tests() { (cd "packages/$1" && NVIDIA_TF32_OVERRIDE=0 step "tests-$1" "$vitest" run "${@:2}" --reporter=json --outputFile="$work/tests-$1.json"); }

step setup "${fixres[@]}" setup --json "${flags[@]}" && {
  step doctor "${fixres[@]}" doctor --json
  tests engine src/node/graph src/native
  tests models src/kernels src/optimizers
  step reproduce "${fixres[@]}" reproduce synthetic --limit 400 --epochs 2 --finetune-epochs 1 --small 48 --large 64 --json --quiet --out "$work/run"
  # Last, since the first time it downloads Keras.
  step bench node benchmarks/run.mjs step --json --device "$FIXRES_DEVICE" --size "$size" --batch "$batch" --peers keras ${python:+--python "$python"}
}
node benchmarks/gpu/gather.mjs "$work" "$FIXRES_DEVICE" "$out"
