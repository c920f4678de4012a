// Peak memory of each arm of the FixRes experiment, on all photos: fixres, compared with scripts for
// Keras and PyTorch; all processes of a side together.
import { tmpdir } from 'node:os';
import { about, machineText } from '../about.mjs';
import { experimentTurns } from '../experiment/arms.mjs';
import { defaults, parsed, settingsUsage } from '../experiment/settings.mjs';
import { benchmarkPhotos } from '../photos.mjs';
import { round, spreadOf } from '../spread-of.mjs';

/** As many photos as there are; the peak of an arm is reached within few epochs. */
const own = { images: '0', epochs: '1', 'finetune-epochs': '2', peers: 'keras,torch' };

const usage = `Usage: pnpm bench memory [options]
${settingsUsage}The defaults here: ${Object.entries(own)
  .map(([name, value]) => `--${name} ${value}`)
  .join(' ')}
`;

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults: { ...defaults, ...own },
    parent: () => tmpdir(),
    measure: (options) => measureMemory(parsed(options)),
    readable,
  });
}

async function measureMemory(options) {
  const { rounds, small, large, epochs, finetuneEpochs, batch, width } = options;
  const started = about();
  const { turns, images } = await experimentTurns(options);
  const sides = [...turns].map(([name, each]) => ({
    name,
    version: each[0].version,
    arms: each[0].arms.map(({ name: arm }, i) => ({
      name: arm,
      peakRssMb: spreadOf(
        each.map((turn) => peakOf(turn, turn.arms[i])),
        0,
      ),
    })),
    // Of the first round, thinned out.
    timeline: thinned(each[0]),
    ...(each[0].events && { phases: phasesOf(each[0].events) }),
  }));
  return {
    ...started,
    settings: { small, large, epochs, finetuneEpochs, batch, width, rounds },
    images,
    sides,
    ratios: ratiosOf(sides),
  };
}

/** Highest memory of all processes of a side while an arm trained and was evaluated. */
function peakOf({ timeline, startedAt }, { span: [from, to], peakRssMb }) {
  const during = timeline.filter(([at]) => at + startedAt >= from && at + startedAt <= to);
  // The kernel records the peak of the main process; the sum is read at intervals.
  return Math.max(peakRssMb, ...during.map(([, mb]) => mb));
}

/** Memory over time in at most this many points, each the highest of its interval. */
const POINTS = 120;

function thinned({ timeline, arms, startedAt }) {
  const size = Math.ceil(timeline.length / POINTS);
  const points = Array.from({ length: Math.ceil(timeline.length / size) }, (_, i) =>
    timeline
      .slice(i * size, (i + 1) * size)
      .reduce((most, point) => (point[1] > most[1] ? point : most)),
  );
  const spans = arms.map(({ name, span }) => ({
    name,
    from: round(span[0] - startedAt, 1),
    to: round(span[1] - startedAt, 1),
  }));
  return { points, arms: spans };
}

/** What each phase of fixres's arms holds: the highest memory of the process, and of tensors. */
function phasesOf(events) {
  const phases = new Map();
  for (const { type, arm, phase, rssMb, tensorMb } of events) {
    if (type !== 'progress') continue;
    const key = `${arm}, ${phase}`;
    const entry = phases.get(key) ?? { arm, phase, rssMb: 0, tensorMb: 0 };
    phases.set(key, entry);
    entry.rssMb = Math.max(entry.rssMb, Math.round(rssMb));
    entry.tensorMb = Math.max(entry.tensorMb, Math.round(tensorMb));
  }
  return [...phases.values()];
}

function ratiosOf(sides) {
  const own = sides.filter(({ name }) => name.startsWith('fixres'));
  return own.flatMap(({ name, arms }) =>
    sides
      .filter((side) => !own.includes(side))
      .flatMap((peer) =>
        arms.map((arm, i) => ({
          fixres: name,
          peer: peer.name,
          arm: arm.name,
          memory: round(arm.peakRssMb.median / peer.arms[i].peakRssMb.median, 3),
        })),
      ),
  );
}

function readable({ machine, settings, images, sides, ratios }) {
  const { small, large, batch, rounds } = settings;
  const lines = [
    `${machineText(machine)}; ${images.train} photos, ${images.heldOut} held out; ${small} and ${large} pixels, batches of ${batch}; ${rounds} rounds`,
  ];
  for (const { name, version, arms, phases = [] } of sides) {
    const peaks = arms.map(
      ({ name: arm, peakRssMb: { median, lowest, highest } }) =>
        `${arm} ${median} MB (${lowest} to ${highest})`,
    );
    lines.push(`${name.padEnd(16)} ${peaks.join(', ')}  [${version}]`);
    for (const { arm, phase, rssMb, tensorMb } of phases)
      lines.push(`  ${`${arm}, ${phase}`.padEnd(20)} process ${rssMb} MB, tensors ${tensorMb} MB`);
  }
  for (const { fixres, peer, arm, memory } of ratios)
    lines.push(`${fixres} / ${peer}, ${arm}: ${memory} of the memory`);
  return `${lines.join('\n')}\n`;
}
