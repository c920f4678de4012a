import { count, counted } from '../format.ts';
import { duration, megabytes } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import type { RecordedRun } from '../../results/recorded-run.ts';
import { seedCount } from '../page/run-facts.ts';

/** A run at a glance: data, engine, time, memory. */
export function factsSection({
  dataset,
  engine,
  summary,
  config,
  seconds,
  began,
}: RecordedRun): Html {
  const { arms, seeds } = config.experiment;
  const facts: [string, string, string][] = [];
  if (dataset) {
    const { name, classes, train, heldOut, skipped } = dataset;
    const { sizeImages = 0, thresholdImages = 0, evaluatedOn } = dataset;
    const evaluated = evaluatedOn === undefined ? 'held out' : 'held back to choose among arms';
    const heldBack = sizeImages + thresholdImages;
    facts.push([
      'Data set',
      name,
      `${counted(classes.length, 'class', 'classes')}: ${classNames(classes)}`,
    ]);
    facts.push([
      'Images',
      `${count(train)} for training`,
      `${count(heldOut)} ${evaluated}${heldBack > 0 ? `, ${count(heldBack)} held back` : ''}${skipped > 0 ? `, ${counted(skipped, 'corrupt file')} left out` : ''}`,
    ]);
  }
  if (engine)
    facts.push(['Engine', `${engine.name} on ${engine.device.toUpperCase()}`, engine.reason]);
  const day = began === null ? '' : `, ${began.slice(0, 10)}`;
  facts.push([
    'Time',
    duration(seconds),
    `${counted(arms.length, 'arm')}, ${counted(summary ? seedCount(summary) : seeds.length, 'seed')}${day}`,
  ]);
  if (summary)
    facts.push([
      'Peak memory',
      megabytes(Math.max(...summary.arms.map(({ peakRssMb }) => peakRssMb))),
      config.memory === undefined
        ? 'of the process, during training'
        : `of the process, during training; allowed were ${megabytes(config.memory.limitMb)}`,
    ]);
  return html`<dl class="facts">${facts.map(
    ([name, value, note]) =>
      html`<div><dt>${name}</dt><dd><b>${value}</b><span>${note}</span></dd></div>`,
  )}</dl>`;
}

const NAMED = 12;

function classNames(names: readonly string[]): string {
  return names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}
