#!/usr/bin/env bash
# Checks `fixres sweep --on slurm` with a real Slurm on this machine: a controller and three nodes, each
# with a host name of its own. A sweep of 12 trials, of which one is killed, one is preempted, one
# reaches its time limit and one loses its node, must give exactly the predictions and models of one
# undisturbed run; a cancelled sweep must leave no result. Takes about five minutes.
#
# `check.sh halving` checks `--halving epochs` instead: three workers, of which one is killed and one is
# preempted, must find the accuracies of an undisturbed choice on this machine.
#
# Needs root (for host names), a built checkout, and Slurm: on Debian
#   apt-get install --no-install-recommends slurmctld slurmd slurm-client munge
set -euo pipefail

cd "$(dirname "$0")/../.."
fixres=$PWD/apps/cli/bin/fixres.js
lab=$(mktemp -d "${TMPDIR:-/tmp}/fixres-slurm-XXXXXX")
nodes=(node1 node2 node3)
declare -A uts=()

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() { say "FAILED: $*"; exit 1; }

# All processes of a node have its namespace of host names.
processes_of() {
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/ns/uts" 2>/dev/null || true) == "${uts[$1]}" ]] && echo "${process#/proc/}"
  done
  return 0
}

start_node() {
  # A node finds its own address by its name.
  { cat /etc/hosts; echo "127.0.0.1 $1"; } >"$lab/$1.hosts"
  unshare --uts --mount sh -c 'hostname "$1" && mount --bind "$2/$1.hosts" /etc/hosts &&
    readlink /proc/self/ns/uts >"$2/$1.uts" && exec slurmd -f "$2/slurm.conf" -N "$1"' sh "$1" "$lab"
  uts[$1]=$(cat "$lab/$1.uts")
}

lose_node() {
  local process
  for process in $(processes_of "$1"); do kill -9 "$process" 2>/dev/null || true; done
}

clean() {
  local each
  for each in "${!uts[@]}"; do lose_node "$each"; done
  for each in slurmctld munged; do
    if [[ -f $lab/$each.pid ]]; then kill "$(cat "$lab/$each.pid")" || true; fi
  done
  sleep 1
  if [[ -n ${keep:-} ]]; then say "Kept: $lab"; else rm -rf "$lab"; fi
}
trap clean EXIT

start_slurm() {
  mkdir -p "$lab"/{state,spool}
  dd if=/dev/urandom of="$lab/munge.key" bs=1 count=1024 status=none
  chmod 0700 "$lab"; chmod 0400 "$lab/munge.key"
  munged --force --key-file="$lab/munge.key" --socket="$lab/munge.socket" --pid-file="$lab/munged.pid" \
    --log-file="$lab/munged.log" --seed-file="$lab/munge.seed"
  cat >"$lab/slurm.conf" <<CONF
ClusterName=fixres
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$lab/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
StateSaveLocation=$lab/state
SlurmdSpoolDir=$lab/spool/%n
SlurmctldPidFile=$lab/slurmctld.pid
SlurmdPidFile=$lab/slurmd-%n.pid
SlurmctldLogFile=$lab/slurmctld.log
SlurmdLogFile=$lab/slurmd-%n.log
SlurmdTimeout=15
ReturnToService=2
KillWait=10
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
AccountingStorageType=accounting_storage/none
NodeName=node[1-3] NodeAddr=127.0.0.1 Port=[27001-27003] CPUs=1 State=UNKNOWN
PartitionName=train Nodes=node[1-3] Default=YES MaxTime=INFINITE PriorityTier=1 PreemptMode=REQUEUE
PartitionName=urgent Nodes=node[1-3] MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
CONF
  export SLURM_CONF=$lab/slurm.conf
  slurmctld
  local node
  for node in "${nodes[@]}"; do start_node "$node"; done
  for ((i = 0; i < 60; i++)); do
    [[ $(sinfo -h -p train -t idle -o %D) == 3 ]] && return
    sleep 0.5
  done
  fail "The nodes are not idle: $(sinfo -h -N)"
}

run() { node "$fixres" "$@"; }

# Prints a trial of a sweep (the second argument) that runs on a node and has saved its first epoch, and its process.
trained_on() {
  local lock process
  for ((i = 0; i < 240; i++)); do
    for lock in "$lab/${2:-sweep}"/trials/*/attempt-*/lock; do
      grep -qs "\"host\":\"$1\"" "$lock" || continue
      grep -qs '"type":"checkpoint"' "${lock%lock}events.jsonl" || continue
      process=$(grep -o '"pid":[0-9]*' "$lock" | cut -d: -f2)
      kill -0 "$process" 2>/dev/null || continue
      printf '%s %s\n' "$(basename "$(dirname "$(dirname "$lock")")")" "$process"
      return
    done
    sleep 0.25
  done
  fail "No trial runs on $1: $(squeue -h)"
}

count_finished() { find "$lab/sweep/trials" -name summary.json | wc -l; }

export FIXRES_ENGINE=wasm
cp benchmarks/sweep-of-12.json "$lab/experiment.json"

cat >"$lab/choice.mjs" <<'JS'
import { writeFileSync } from 'node:fs';
const arms = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3].map((rate, i) => ({
  name: `rate${i}`,
  epochs: 16,
  schedule: { type: 'cosine', rate },
  trainPolicy: { policy: 'sampledBoundingBoxCrop', size: 32 },
  testPolicy: { policy: 'resize', size: 32 },
}));
writeFileSync(process.argv[2], JSON.stringify({
  version: 1,
  dataset: { source: 'synthetic', limit: 60, holdBack: 0.3 },
  model: { name: 'resnet14v2', width: 4 },
  arms,
  batchSize: 8,
  deterministic: true,
}));
JS

# Compares the accuracies of two choices, for each trial and rung that both trained.
cat >"$lab/compare.mjs" <<'JS'
import { readdirSync, readFileSync } from 'node:fs';
const [one, other] = process.argv.slice(2).map((sweep) => {
  const entries = readdirSync(`${sweep}/rungs`).sort().map((file) => JSON.parse(readFileSync(`${sweep}/rungs/${file}`, 'utf8')));
  return new Map(entries.filter(({ type }) => type === 'end').map(({ trial, rung, value }) => [`${trial} in rung ${rung + 1}`, value]));
});
const common = [...one.keys()].filter((job) => other.has(job));
const wrong = common.filter((job) => one.get(job) !== other.get(job));
for (const job of wrong) console.log(`${job}: ${one.get(job)} and ${other.get(job)}`);
console.log(`${common.length} accuracies of both (${one.size} and ${other.size} in all), ${wrong.length} differ`);
process.exitCode = wrong.length > 0 || common.length < 9 ? 1 : 0;
JS

wait_for_jobs() {
  for ((i = 0; i < ${1:-600}; i++)); do
    [[ -z $(squeue -h) ]] && return
    sleep 0.5
  done
  fail "Jobs are left: $(squeue -h)"
}

check_halving() {
  local trial process options=(--halving epochs --reduction 2 --survivors 1)
  node "$lab/choice.mjs" "$lab/choice.json"
  say 'A choice among six arms on this machine'
  run sweep start "$lab/choice.json" --out "$lab/here" "${options[@]}" --cpus 1
  say 'The same with three workers on Slurm'
  run sweep start "$lab/choice.json" --out "$lab/choice" "${options[@]}" --on slurm --max-parallel 3 --cpus 1
  read -r trial process < <(trained_on node2 choice)
  say "The worker of trial $trial is killed (process $process)"
  kill -9 "$process"
  read -r trial _ < <(trained_on node1 choice)
  say "The worker of trial $trial is preempted"
  sbatch --partition=urgent --nodelist=node1 --output=/dev/null --wrap='sleep 2' >/dev/null
  wait_for_jobs
  run sweep status "$lab/choice"
  say "Submitted again: $(run sweep resume "$lab/choice" --quiet)"
  wait_for_jobs
  run sweep status "$lab/choice"
  run sweep status "$lab/choice" --json | grep -q '"isDecided":true' || fail 'The choice is not decided'
  node "$lab/compare.mjs" "$lab/here" "$lab/choice" || fail 'The accuracies differ'
  run sweep resume "$lab/choice"
  [[ -f $lab/choice/survivors.yaml ]] || fail 'There is no experiment of the survivors'
  say 'passed'
}

say "Slurm $(slurmctld -V | cut -d' ' -f2), fixres $(run --version), Node $(node --version)"
start_slurm
if [[ ${1:-} == halving ]]; then
  check_halving
  exit
fi
say "The whole experiment in one run"
run run "$lab/experiment.json" --out "$lab/whole" --quiet --json >/dev/null

say 'The same as a sweep of 12 trials'
run sweep start "$lab/experiment.json" --out "$lab/sweep" --on slurm --cpus 1 --sbatch=--time=3

read -r lost _ < <(trained_on node3)
say "Node node3 is lost, with trial $lost"
lose_node node3

read -r killed process < <(trained_on node2)
say "Trial $killed is killed (process $process)"
kill -9 "$process"

read -r preempted _ < <(trained_on node1)
say "Trial $preempted is preempted"
sbatch --partition=urgent --nodelist=node1 --output=/dev/null --wrap='sleep 2' >/dev/null

read -r warned _ < <(trained_on node2)
index=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).trials.indexOf(process.argv[2])' "$lab/sweep/sweep.json" "$warned")
task=$(squeue -h --array -o %F | head -n 1)_$index
say "Trial $warned gets the signal of its time limit (task $task)"
# The trial is queued again before scancel has its answer, and scancel then tries for a minute more.
timeout 5 scancel --batch --signal=USR2 "$task" || true

say "Slurm's view of node3: $(sinfo -h -n node3 -p train -o %t)"
for ((i = 0; i < 120; i++)); do
  [[ $(sinfo -h -n node3 -p train -o %t) == down* ]] && break
  sleep 0.5
done
start_node node3
say 'Node node3 is back'

for ((i = 0; i < 600; i++)); do
  [[ -z $(squeue -h) ]] && break
  sleep 0.5
done
run sweep status "$lab/sweep"
require_event() { grep -qs "$2" "$lab/sweep/trials/$1"/attempt-*/events.jsonl || fail "Trial $1 has no event $2"; }
require_event "$warned" '"type":"run-interrupted"'
for trial in "$lost" "$preempted" "$warned"; do require_event "$trial" '"type":"run-resumed"'; done
[[ -d $lab/sweep/trials/$lost/attempt-2 ]] || fail "The attempt of node3 was not left to it"
finished=$(count_finished)
((finished == 11)) || fail "$finished trials are finished; all but the killed one must be, which is 11"
say "Submitted again: $(run sweep resume "$lab/sweep" --quiet)"
for ((i = 0; i < 240; i++)); do
  [[ -z $(squeue -h) ]] && break
  sleep 0.5
done
run sweep status "$lab/sweep"
run sweep collect "$lab/sweep" --quiet --json >/dev/null
for part in predictions models; do
  diff -r "$lab/whole/$part" "$lab/sweep/run/$part" || fail "The $part differ"
done
resumed=$(grep -h '"type":"arm-start"' "$lab"/sweep/trials/*/attempt-*/events.jsonl | grep -c '"from"')
say "Predictions and models are those of the whole run, bit by bit; $resumed arms were resumed from a saved state"

say 'Another sweep is cancelled'
run sweep start "$lab/experiment.json" --out "$lab/cancelled" --on slurm --quiet >/dev/null
for ((i = 0; i < 120; i++)); do
  grep -qs '"type":"checkpoint"' "$lab"/cancelled/trials/*/attempt-*/events.jsonl && break
  sleep 0.25
done
run sweep cancel "$lab/cancelled"
for ((i = 0; i < 120; i++)); do
  [[ -z $(squeue -h) ]] && break
  sleep 0.25
done
run sweep status "$lab/cancelled"
[[ -z $(find "$lab/cancelled" -name '*.partial' -o -name lock) ]] || fail 'The cancelled sweep left partial files'
if run sweep collect "$lab/cancelled" --quiet 2>"$lab/error"; then fail 'A cancelled sweep was collected'; fi
cat "$lab/error"
say 'passed'
