// The whole FixRes experiment (small, fine-tuned and vanilla arm), from the command to its result:
// fixres's command line, compared with scripts for Keras and PyTorch. The sides take turns, each
// in a process of its own.
import { tmpdir } from 'node:os';
import { about, machineText } from '../about.mjs';
import { benchmarkPhotos } from '../photos.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { experimentTurns } from './arms.mjs';
import { defaults, parsed, settingsUsage } from './settings.mjs';

const usage = `Usage: pnpm bench experiment [options]
${settingsUsage}`;

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults,
    parent: () => tmpdir(),
    measure: (options) => measureExperiment(parsed(options)),
    readable,
  });
}

/** Runs all sides in turn, and compares them. */
async function measureExperiment(options) {
  const { rounds, small, large, epochs, finetuneEpochs, batch, width } = options;
  const started = about();
  const { turns, images } = await experimentTurns(options);
  return {
    ...started,
    settings: { small, large, epochs, finetuneEpochs, batch, width, rounds },
    images,
    sides: [...turns].map(([name, each]) => sideSummary(name, each)),
    ratios: ratiosOf(turns),
  };
}

/** @param turns of one side */
function sideSummary(name, turns) {
  return {
    name,
    version: turns[0].version,
    seconds: spreadOf(
      turns.map(({ seconds }) => seconds),
      1,
    ),
    cpuSeconds: spreadOf(
      turns.map(({ cpuSeconds }) => cpuSeconds),
      1,
    ),
    peakRssMb: spreadOf(
      turns.map(({ peakRssMb }) => peakRssMb),
      0,
    ),
    arms: turns[0].arms.map(({ name: arm }, i) => ({
      name: arm,
      seconds: spreadOf(
        turns.map(({ arms }) => arms[i].seconds),
        1,
      ),
      accuracy: spreadOf(
        turns.map(({ arms }) => arms[i].accuracy),
        4,
      ),
      peakRssMb: spreadOf(
        turns.map(({ arms }) => arms[i].peakRssMb),
        0,
      ),
    })),
  };
}

/** Time and memory of each side of fixres relative to each peer: in each round, then over rounds. */
function ratiosOf(turns) {
  const names = [...turns.keys()];
  const own = names.filter((name) => name.startsWith('fixres'));
  return own.flatMap((name) =>
    names
      .filter((peer) => !own.includes(peer))
      .map((peer) => {
        const ratio = (field) =>
          spreadOf(
            turns.get(name).map((turn, i) => turn[field] / turns.get(peer)[i][field]),
            3,
          );
        return { fixres: name, peer, time: ratio('seconds'), memory: ratio('peakRssMb') };
      }),
  );
}

function readable({ machine, settings, images, sides, ratios }) {
  const { small, large, epochs, finetuneEpochs, batch, rounds } = settings;
  const lines = [
    `${machineText(machine)}; ${images.train} photos, ${images.heldOut} held out; ${small} and ${large} pixels, ${epochs} and ${finetuneEpochs} epochs, batches of ${batch}; ${rounds} rounds`,
  ];
  const of = ({ median, lowest, highest }) => `${median} (${lowest} to ${highest})`;
  for (const { name, version, seconds, cpuSeconds, peakRssMb, arms } of sides) {
    lines.push(
      `${name.padEnd(16)} ${of(seconds)} s, processor ${of(cpuSeconds)} s, memory ${of(peakRssMb)} MB  [${version}]`,
    );
    for (const arm of arms)
      lines.push(
        `  ${arm.name.padEnd(14)} training ${of(arm.seconds)} s, memory ${of(arm.peakRssMb)} MB, accuracy ${round(100 * arm.accuracy.median, 1)} %`,
      );
  }
  for (const { fixres, peer, time, memory } of ratios)
    lines.push(`${fixres} / ${peer}: ${of(time)} of the time, ${of(memory)} of the memory`);
  return `${lines.join('\n')}\n`;
}
