import { type RunConfig, type RunEvent, sizeChoiceText } from '@fixres/runs';
import {
  counted,
  clock,
  duration,
  fittedLine,
  megabytes,
  percent,
  policyAt,
  sparkline,
} from '@fixres/runs/report';
import type { Terminal } from './terminal.ts';

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/**
 * A log has a line per epoch. Only epochs longer than this many seconds also have lines of
 * progress.
 */
const LOG_EVERY = 600;
/** What a run does when it does not train. Names of phases are those of events. */
const PHASES: Record<Exclude<Event<'progress'>['phase'], 'train'>, string> = {
  evaluate: 'testing',
  statistics: 'statistics',
  features: 'features',
};

/** Width of the curve within the line of progress. */
const CURVE_WIDTH = 16;

/**
 * Shows the events of a run: a redrawn line while it computes, a permanent line for each epoch and
 * arm; all details when verbose.
 */
export class RunProgress {
  readonly #terminal: Terminal;
  /** Number of seeds of the run. */
  #seeds = 1;
  /** Held-out accuracy after each epoch of the current arm. */
  #curve: number[] = [];
  /** Maximum number of epochs of the current arm. */
  #epochs = 0;
  /** The latest progress of the arm, and of its training. */
  #latest: Event<'progress'> | undefined;
  #training: Event<'progress'> | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  readonly begin = ({ experiment }: Pick<RunConfig, 'experiment'>): void => {
    this.#seeds = experiment.seeds.length;
  };

  readonly show = (event: RunEvent): void => {
    const terminal = this.#terminal;
    terminal.onEvent?.(event);
    switch (event.type) {
      case 'run-start': {
        const versions = Object.entries(event.engine.versions).map(
          ([name, version]) => `${name} ${version}`,
        );
        terminal.detail(
          `Engine: ${event.engine.name} on ${event.engine.device}, ${versions.join(', ')}`,
        );
        return;
      }
      case 'run-resumed':
        terminal.detail(`Resuming the run; work after event ${event.after} is repeated.`);
        return;
      case 'arm-start':
        this.#curve = [];
        this.#epochs = event.epochs;
        this.#latest = undefined;
        this.#training = undefined;
        terminal.line(armText(event, terminal, this.#seeds));
        return;
      case 'progress':
        this.#latest = event;
        if (event.phase === 'train') this.#training = event;
        terminal.progress(progressText(event, this.#curve, terminal.width), {
          logEvery: LOG_EVERY,
        });
        return;
      case 'feature-cache':
        terminal.line(`  ${event.explanation}`);
        terminal.detail(`  ${featurePlanText(event)}`);
        return;
      case 'epoch':
        this.#curve.push(event.heldOutAccuracy);
        terminal.line(
          epochText(event, { epochs: this.#epochs, progress: this.#latest }, terminal.width),
        );
        if (this.#training) terminal.detail(`  ${epochDetails(event, this.#training)}`);
        return;
      case 'checkpoint': {
        const step = event.step === 0 ? '' : ` and ${counted(event.step, 'step')}`;
        terminal.detail(
          `  checkpoint after ${counted(event.epoch, 'epoch')}${step}, written in ${event.seconds.toFixed(2)} s`,
        );
        return;
      }
      case 'norm-statistics':
        terminal.line(normStatisticsText(event));
        return;
      case 'frozen-verified':
        if (this.#curve.length > 1)
          terminal.line(
            `  held out ${sparkline(this.#curve)} ${percent(this.#curve[0]!)} to ${percent(this.#curve.at(-1)!)}`,
          );
        terminal.line(
          event.frozen === 0
            ? '  nothing was frozen'
            : `  proven: none of the ${event.frozen} frozen variables moved, ${event.moved} ${this.#epochs === 0 && event.moved > 0 ? 're-estimated' : 'trained'}`,
        );
        return;
      case 'evaluation': {
        const accuracy = percent(event.correct / event.total);
        const precision = event.multiLabel?.meanAveragePrecision ?? null;
        terminal.line(
          `  ${policyAt(event)}: ${precision === null ? '' : `mAP ${percent(precision)}, exact `}${accuracy} (${event.correct} of ${event.total})`,
        );
        return;
      }
      case 'size-chosen':
        terminal.line(`  ${event.arm}: ${sizeChoiceText(event)}`);
        return;
      case 'corruption':
        terminal.detail(
          `  ${event.corruption} ${event.severity}: ${percent(event.correct / event.total)} (${event.correct} of ${event.total})`,
        );
        return;
      case 'activations':
        terminal.detail(
          `  activations before pooling at ${policyAt(event)}: mean ${event.map.mean.toFixed(3)}, ${percent(event.map.zeros)} zeros`,
        );
        return;
      case 'early-stop': {
        const kept = event.restored ? `; its weights are taken back` : '';
        terminal.line(`  stopped early: epoch ${event.bestEpoch + 1} was the best${kept}`);
        return;
      }
      case 'arm-end':
        terminal.detail(
          `  trained for ${duration(event.trainSeconds)}, ${megabytes(event.peakRssMb)} of memory at most`,
        );
        return;
      case 'warning':
        terminal.warn(event.message);
        return;
      case 'run-end':
        terminal.detail(`The run took ${duration(event.seconds)}.`);
        return;
      case 'run-interrupted':
      case 'run-failed':
        // The caller that ends the program reports it.
        return;
    }
  };
}

function armText(event: Event<'arm-start'>, terminal: Terminal, seeds: number): string {
  const arm = `${terminal.style('bold', event.arm)}${seeds > 1 ? ` (seed ${event.seed})` : ''}`;
  if (event.from && event.from.epoch >= event.epochs)
    return `${arm}: trained already, goes on with its tests`;
  if (event.epochs === 0) return `${arm}: nothing trains`;
  const steps = `${counted(event.epochs, 'epoch')} of ${counted(event.stepsPerEpoch, 'step')}`;
  const inAll = event.steps === undefined ? '' : `, ${event.steps} in all`;
  const parameters = event.trainableParameters.toLocaleString('en-US');
  const from = event.from
    ? `, resumed at epoch ${event.from.epoch + 1}, step ${event.from.step + 1}`
    : '';
  return `${arm}: ${steps}${inAll}, ${parameters} parameters train${from}`;
}

function progressText(event: Event<'progress'>, curve: readonly number[], width: number): string {
  const { arm, phase, epoch, epochs, step, steps, loss, accuracy } = event;
  return fittedLine(
    [
      { text: `  ${arm}`, short: ` ${arm}` },
      // A model that is only evaluated has no epochs.
      ...(epochs > 0
        ? [{ text: `epoch ${epoch + 1}/${epochs}`, short: `ep ${epoch + 1}/${epochs}` }]
        : []),
      ...(phase === 'train' ? [] : [{ text: PHASES[phase] }]),
      { text: `step ${step}/${steps}`, short: `${step}/${steps}` },
      ...(loss === undefined ? [] : [{ text: `loss ${loss.toFixed(3)}` }]),
      ...(accuracy === undefined
        ? []
        : [
            { text: `accuracy ${percent(accuracy)}`, short: `acc ${Math.round(accuracy * 100)} %` },
          ]),
      { text: `${event.imagesPerSecond.toFixed(0)} img/s`, rank: 2 },
      { text: `${clock(event.etaSeconds)} left` },
      { text: megabytes(event.rssMb), rank: 3 },
      ...(curve.length > 1 ? [{ text: sparkline(curve, CURVE_WIDTH), rank: 4 }] : []),
    ],
    width,
  );
}

function epochText(
  event: Event<'epoch'>,
  { epochs, progress }: { epochs: number; progress: Event<'progress'> | undefined },
  width: number,
): string {
  const digits = Math.max(2, String(epochs).length);
  return fittedLine(
    [
      { text: `  epoch ${String(event.epoch + 1).padStart(digits)}/${epochs}` },
      { text: `loss ${event.loss.toFixed(3)}` },
      { text: `train ${percent(event.accuracy)}` },
      { text: `held out ${percent(event.heldOutAccuracy)}` },
      { text: `${event.imagesPerSecond.toFixed(0)} img/s`, rank: 2 },
      { text: `${event.seconds.toFixed(1)} s`, rank: 1 },
      ...(progress
        ? [
            { text: megabytes(progress.rssMb), rank: 4 },
            { text: `${clock(progress.etaSeconds)} left`, rank: 3 },
          ]
        : []),
    ],
    width,
  );
}

function epochDetails(
  { epoch, tensors }: Event<'epoch'>,
  { stall, rssMb, learningRate }: Event<'progress'>,
): string {
  const rate =
    learningRate === undefined ? [] : [`learning rate ${Number(learningRate.toPrecision(3))}`];
  const facts = [
    `waited for images ${percent(stall)} of the time`,
    `${megabytes(rssMb)} of memory`,
    `${tensors} tensors`,
    ...rate,
  ];
  return `epoch ${epoch + 1}: ${facts.join(', ')}`;
}

function normStatisticsText({ norms, images, seconds }: Event<'norm-statistics'>): string {
  return `  statistics of ${counted(norms, 'batch normalisation')} re-estimated from ${counted(images, 'image')} in ${seconds.toFixed(1)} s`;
}

function featurePlanText({
  where,
  form,
  cut,
  shape,
  views,
  precision,
  bytes,
  exact,
}: Event<'feature-cache'>): string {
  if (where === 'nowhere') return `features: not kept, cut ${cut ?? 'nowhere'}, ${views} views`;
  const kept = `${form} [${shape.join(', ')}] of ${views} views, ${(bytes / 1e6).toFixed(1)} MB`;
  return `features: ${where}, cut after ${cut}, ${kept}, ${precision} precision, ${exact ? 'exact' : 'not exact'}`;
}
