#!/usr/bin/env bash
# Checks `fixres sweep --on ray` with a real Ray on this machine, of two processors. A sweep of 12 trials, of which
# one is killed and one is stopped with Ray's own command, must give exactly the predictions and models of one
# undisturbed run; a cancelled sweep must leave no result. Takes about three minutes.
#
# Needs a built checkout, and Ray on the path:
#   pip install "ray[default]==2.60.0"
set -euo pipefail

cd "$(dirname "$0")/../.."
fixres=$PWD/apps/cli/bin/fixres.js
lab=$(mktemp -d "${TMPDIR:-/tmp}/fixres-ray-XXXXXX")
address=http://127.0.0.1:8265

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() { say "FAILED: $*"; exit 1; }
run() { node "$fixres" "$@"; }

clean() {
  ray stop --force >/dev/null 2>&1 || true
  if [[ -n ${keep:-} ]]; then say "Kept: $lab"; else rm -rf "$lab"; fi
}
trap clean EXIT

# Prints a trial of the sweep that runs and has saved an epoch, other than the arguments, and its process.
trained() {
  local lock trial process
  for ((i = 0; i < 480; i++)); do
    for lock in "$lab"/sweep/trials/*/attempt-*/lock; do
      grep -qs '"type":"checkpoint"' "${lock%lock}events.jsonl" || continue
      trial=$(basename "$(dirname "$(dirname "$lock")")")
      [[ " $* " == *" $trial "* ]] && continue
      process=$(grep -o '"pid":[0-9]*' "$lock" | cut -d: -f2)
      kill -0 "$process" 2>/dev/null || continue
      printf '%s %s\n' "$trial" "$process"
      return
    done
    sleep 0.25
  done
  fail 'No trial runs'
}

# Waits until no job of Ray waits or runs.
wait_for_jobs() {
  local jobs
  for ((i = 0; i < 900; i++)); do
    jobs=$(curl --fail --silent "$address/api/jobs/") &&
      ! grep -qE '"status": *"(PENDING|RUNNING)"' <<<"$jobs" && return
    sleep 1
  done
  fail 'Jobs are left'
}

export FIXRES_ENGINE=wasm RAY_USAGE_STATS_ENABLED=0
on_ray=(--on ray --cpus 1)
experiment=benchmarks/sweep-of-12.json
say "$(ray --version), fixres $(run --version), Node $(node --version)"
ray start --head --num-cpus 2 --node-ip-address 127.0.0.1 --temp-dir "$lab/ray" >"$lab/start.log" 2>&1 ||
  { cat "$lab/start.log"; fail 'Ray does not start'; }

say 'The whole experiment in one run'
run run "$experiment" --out "$lab/whole" --quiet --json >/dev/null

say 'The same as a sweep of 12 trials'
run sweep start "$experiment" --out "$lab/sweep" "${on_ray[@]}"
read -r killed process < <(trained)
say "Trial $killed is killed (process $process)"
kill -9 "$process"
read -r stopped process < <(trained "$killed")
job=$(node -p 'const sweep = JSON.parse(fs.readFileSync(process.argv[1]));
  `${sweep.submissions[0].name}-${sweep.trials.indexOf(process.argv[2])}`' "$lab/sweep/sweep.json" "$stopped")
say "Trial $stopped is stopped (job $job)"
ray job stop --address "$address" "$job" >/dev/null 2>&1
wait_for_jobs
run sweep status "$lab/sweep"
say "Submitted again: $(run sweep resume "$lab/sweep" --quiet)"
wait_for_jobs
run sweep status "$lab/sweep"
run sweep collect "$lab/sweep" --quiet --json >/dev/null
for part in predictions models; do
  diff -r "$lab/whole/$part" "$lab/sweep/run/$part" || fail "The $part differ"
done
resumed=$(grep -h '"type":"arm-start"' "$lab"/sweep/trials/*/attempt-*/events.jsonl | grep -c '"from"')
say "Predictions and models are those of the whole run, bit by bit; $resumed arms were resumed from a saved state"

say 'Another sweep is cancelled'
run sweep start "$experiment" --out "$lab/cancelled" "${on_ray[@]}" --quiet >/dev/null
for ((i = 0; i < 240; i++)); do
  grep -qs '"type":"checkpoint"' "$lab"/cancelled/trials/*/attempt-*/events.jsonl && break
  sleep 0.25
done
run sweep cancel "$lab/cancelled"
wait_for_jobs
run sweep status "$lab/cancelled"
[[ -z $(find "$lab/cancelled" -name '*.partial' -o -name lock) ]] || fail 'The cancelled sweep left partial files'
if run sweep collect "$lab/cancelled" --quiet 2>"$lab/error"; then fail 'A cancelled sweep was collected'; fi
cat "$lab/error"
say 'passed'
