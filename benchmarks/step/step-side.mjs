// One program of the benchmarks of steps: it makes as many steps as it is told, and answers with
// their times.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class StepSide {
  #ms = [];
  #peakRssMb = 0;

  static async start(name, precision, program, args) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const side = new StepSide();
    const failed = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${name} (${program}) ended with ${code}`)));
    });
    failed.catch(() => undefined);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const answer = async () => {
      for (;;) {
        const { value } = await Promise.race([lines.next(), failed]);
        // Libraries may print too.
        if (value?.startsWith('{')) return JSON.parse(value);
      }
    };
    Object.assign(side, { name, precision, child, answer });
    Object.assign(side, await answer());
    return side;
  }

  async turn(steps) {
    this.child.stdin.write(`${steps}\n`);
    const { ms, peakRssMb } = await this.answer();
    this.#ms.push(...ms);
    this.#peakRssMb = peakRssMb;
  }

  row(batch) {
    const sorted = this.#ms.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    const { name, precision, version } = this;
    const round = (number) => Math.round(number * 10) / 10;
    return {
      name,
      precision,
      version,
      msPerStep: { median: round(median), min: round(sorted[0]), max: round(sorted.at(-1)) },
      imagesPerSecond: round((1000 * batch) / median),
      peakRssMb: Math.round(this.#peakRssMb),
      readySeconds: round(this.readySeconds),
    };
  }

  end() {
    this.child.stdin.end();
    this.child.kill();
  }
}
