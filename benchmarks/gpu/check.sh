#!/usr/bin/env bash
# Checks fixres on a machine with an NVIDIA card, in at most ten minutes: setup, doctor, the engine's
# numerical tests, the training step compared with Keras on the same card, a short experiment; with two cards, also a
# training on both. Writes one JSON file. On a machine without a card, it does the same on the CPU and reports a dry run. Needs
# a built checkout (`npm run demo` builds one).
set -uo pipefail

usage='Usage: benchmarks/gpu/check.sh [--cpu] [--from FOLDER] [--python PROGRAM] [--out FILE]
  --cpu             do not use the card: a dry run
  --from FOLDER     install the engine from a folder filled by "fixres setup --download FOLDER --gpu"
  --python PROGRAM  Python with tensorflow and keras (default: a virtual environment in the cache folder)
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
  echo 'No GPU found: this is a dry run on the CPU.' >&2
  cpu=yes
fi
if [[ -n $cpu ]]; then
  export FIXRES_DEVICE=cpu CUDA_VISIBLE_DEVICES=-1
  # Two processes do without cards.
  flags=() size=64 batch=8 rounds=2 processes=2
else
  export FIXRES_DEVICE=gpu
  flags=(--gpu) size=224 batch=64 rounds=5 processes=$(nvidia-smi -L | grep -c '^GPU ')
fi
[[ -n $from ]] && flags+=(--from "$from")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
began=$SECONDS
fixres=(node apps/cli/bin/fixres.js)
vitest=$PWD/node_modules/.bin/vitest

# Runs a step within the rest of the ten minutes. Its output goes to $work, its exit code and seconds
# to $work/steps.
step() {
  local name=$1 left=$((600 - (SECONDS - began))) start=$SECONDS code
  shift
  echo "> $name" >&2
  if ((left > 0)); then timeout "$left" "$@" >"$work/$name.out"; code=$?; else code=124; fi
  echo "$name $code $((SECONDS - start))" >>"$work/steps"
  return "$code"
}

# On newer cards, TensorFlow replaces float32 by TF32, which has 10 bits of mantissa: no test of float32
# arithmetic can pass with it.
tests() {
  # vitest does not mind a folder that does not exist if another one has tests.
  if ! (cd "packages/$1" && ls -d "${@:2}" >/dev/null); then
    echo "tests-$1 1 0" >>"$work/steps"
    return 1
  fi
  # The packages' own setting of the report's place has precedence over --outputFile.
  rm -f "packages/$1/reports/vitest.json"
  (cd "packages/$1" && NVIDIA_TF32_OVERRIDE=0 step "tests-$1" "$vitest" run "${@:2}" --reporter=json)
  mv "packages/$1/reports/vitest.json" "$work/tests-$1.json"
}

# Trains with a process on each of two cards, which exchange gradients through NCCL. Fails if the weights of the
# processes differ at the end of an epoch: they are compared whenever a checkpoint is saved.
together() {
  local launch=("${fixres[@]}" launch --processes 2)
  step cluster-doctor "${launch[@]}" -- doctor --cluster --json --data synthetic
  step cluster-train "${launch[@]}" -- train synthetic --limit 400 --model resnet14v2 --image-size 48 --epochs 2 --batch-size 16 --json --quiet --out "$work/cluster"
}

step setup "${fixres[@]}" setup --json "${flags[@]}" && {
  step doctor "${fixres[@]}" doctor --json
  tests engine src/graph src/native
  tests models src/kernels src/optimizers
  step reproduce "${fixres[@]}" reproduce synthetic --limit 400 --epochs 2 --finetune-epochs 1 --small 48 --large 64 --json --quiet --out "$work/run"
  ((processes < 2)) || together
  # Last, because it downloads Keras the first time.
  step bench node benchmarks/run.mjs step --json --device "$FIXRES_DEVICE" --size "$size" --batch "$batch" --rounds "$rounds" --peers keras ${python:+--python "$python"}
}
node benchmarks/gpu/gather.mjs "$work" "$FIXRES_DEVICE" "$out"
