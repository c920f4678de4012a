import { count, counted, percent, points, textTable, wrapped } from '@fixres/runs/report';
import type { PowerPlan } from './plan-power.ts';

/** A plan of a comparison as text. @param width maximum number of characters per line */
export function powerText(plan: PowerPlan, width: number): string {
  const { plans, needed, difference, power } = plan;
  const wanted = difference === null ? null : `${Number((difference * 100).toPrecision(3))} points`;
  const withPower = wanted !== null;
  const detectable = textTable(
    ['seeds', 'images', 'smallest difference', ...(withPower ? [`power for ${wanted}`] : [])],
    plans.map(({ seedCount, images, smallestDifference, power: found }) => [
      String(seedCount),
      count(images),
      smallestDifference === null ? 'none' : `${(smallestDifference * 100).toFixed(1)} points`,
      ...(found === null ? [] : [percent(found, 0)]),
    ]),
    [0, 1, 2, 3],
  );
  const need = textTable(
    ['seeds', `images needed for ${wanted}`],
    needed.map(({ seedCount, images }) => [
      String(seedCount),
      images === null ? 'no number is enough' : count(images),
    ]),
    [0, 1],
  );
  return [
    ...assumedText(plan),
    ...(plans.length > 0 ? ['', detectable] : []),
    ...(needed.length > 0 ? ['', need] : []),
    '',
    `A difference is found if the verdict of its comparison shows it${plan.comparisons > 1 ? `, as the strongest of ${plan.comparisons} comparisons (Holm)` : ''}. Smallest differences and images needed: found ${percent(power, 0)} of the time.`,
    'With one seed the verdict is about these trained models, so the deviation between seeds does not count; with several, it is also about training again. The rows of one seed and of several answer different questions.',
  ]
    .flatMap((line) => (line.includes('\n') ? [line] : wrapped(line, width)))
    .join('\n');
}

function assumedText({ observed, assumed }: PowerPlan): string[] {
  const { discordance, seedDeviation } = assumed;
  const disagreement = `Only one arm is correct on ${percent(discordance)} of the images.`;
  const deviation = `Standard deviation of the true difference between seeds: ${((seedDeviation ?? 0) * 100).toFixed(1)} points.`;
  const unknown =
    'The deviation between seeds is not known and counts as 0; a run with several seeds shows it, or --seed-deviation.';
  if (observed === null)
    return [
      disagreement,
      seedDeviation === null ? unknown : deviation,
      'All disagreement counts as variation over images, the case in which more seeds help least.',
    ];
  const { a, b, policy, images, seeds, difference } = observed;
  const under = policy === 'own' ? 'under their own test policies' : `under ${policy}`;
  return [
    `${a} and ${b} of ${observed.run}, ${under}: ${points(difference)} points, ${counted(images, 'held-out image')}, ${counted(seeds.length, 'seed')}.`,
    disagreement,
    ...(seedDeviation === null
      ? [unknown]
      : [
          `${deviation}${observed.variance !== null && seeds.length < 5 ? ` Estimated from ${seeds.length} seeds, it is uncertain.` : ''}`,
        ]),
  ];
}
