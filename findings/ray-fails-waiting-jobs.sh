#!/bin/sh
# A job of Ray that waits for its CPUs fails after 15 minutes, so Ray's jobs are no queue for hours of work.
#
# Ray's job interface takes a job that asks for more CPUs than are free, and reports it as PENDING. But the time in which a job has to start
# includes the time in which it waits for its CPUs. After 900 seconds Ray fails it, as if something were wrong, and does not run it when the
# CPUs are free. A job cannot ask for more time: only the environment of `ray start` on the head node can, with RAY_JOB_START_TIMEOUT_SECONDS.
#
# Seen with Ray 2.60.0 on one CPU, with 6 instead of 900 seconds: the first job runs for 20 seconds, the second waits for it.
#   default seconds: 900
#   first: SUCCEEDED
#   second: FAILED Job supervisor actor failed to start within 6.0 seconds.
. "$(dirname "$0")/lib/packages.sh"

with_pip 'ray[default]==2.60.0'
export RAY_JOB_START_TIMEOUT_SECONDS=6
venv/bin/ray start --head --port=0 --dashboard-port=38266 --num-cpus=1 --disable-usage-stats --temp-dir="$work/ray" --block >ray.log 2>&1 &
cluster=$!
trap 'kill "$cluster"; wait "$cluster" || true; rm -rf "$work"' EXIT
cat > try.py <<'PY'
import time
from ray.dashboard.consts import DEFAULT_JOB_START_TIMEOUT_SECONDS
from ray.job_submission import JobSubmissionClient

for attempt in range(120):
    try:
        client = JobSubmissionClient('http://127.0.0.1:38266')
        break
    except Exception:
        time.sleep(0.5)
print('default seconds:', DEFAULT_JOB_START_TIMEOUT_SECONDS)
first = client.submit_job(entrypoint='sleep 20', entrypoint_num_cpus=1)
while client.get_job_status(first) == 'PENDING':
    time.sleep(0.5)
second = client.submit_job(entrypoint='true', entrypoint_num_cpus=1)
while client.get_job_status(first) in ('PENDING', 'RUNNING'):
    time.sleep(0.5)
time.sleep(5)
ends = {job: client.get_job_info(job) for job in (first, second)}
print('first:', ends[first].status.value)
print('second:', ends[second].status.value, ends[second].message.split(' This ')[0])
assert DEFAULT_JOB_START_TIMEOUT_SECONDS == 900
assert ends[first].status == 'SUCCEEDED' and ends[second].status == 'FAILED'
PY
venv/bin/python try.py
