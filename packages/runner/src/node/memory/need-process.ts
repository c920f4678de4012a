// The process of `measure-apart.ts`.

import { writeFileSync } from 'node:fs';
import { measureNeed } from './measure-need.ts';
import type { MeasureNeedRequest, NeedAnswer } from './memory-need.ts';

try {
  // If memory is short, the system ends this process and not that of the run (proc(5)).
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not Linux.
}

// The process of the run has ended, so nothing of this one is of use.
process.once('disconnect', end);
if (!process.connected) end();
// After the answer, the process of the run ends this one.
process.once('message', (request: MeasureNeedRequest) => {
  void answer(request).then((answered) => process.send!(answered));
});

async function answer(request: MeasureNeedRequest): Promise<NeedAnswer> {
  try {
    return { need: await measureNeed(request) };
  } catch (cause) {
    const { name, message, code } = cause as Error & { code?: string };
    return { error: { name, message, code } };
  }
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
