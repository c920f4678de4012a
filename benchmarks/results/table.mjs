import { multiplyAddsText, percent, points, pValue } from '@fixres/runs/report';
import { table } from '../docs/markdown.mjs';

/** The accuracy of each arm under each test policy; that under its own is bold, with its interval. */
export function accuracies({ arms }) {
  const tests = arms[0].evaluations.map(({ test }) => test).toSorted(bySize);
  const hasSeveralSeeds = arms[0].evaluations[0].sd !== null;
  return table(
    [
      'arm',
      ...headersOf(tests),
      ...(hasSeveralSeeds ? ['deviation over seeds'] : []),
      'epochs',
      'training compute',
    ],
    arms.map(({ name, test: own, evaluations, epochs, steps, trainMultiplyAdds }) => {
      const at = (test) => evaluations.find((each) => each.test === test);
      return [
        `\`${name}\``,
        ...tests.map((test) => {
          const { accuracy, ci95 } = at(test);
          const shown = unbroken(percent(accuracy));
          if (test !== own) return shown;
          const limits = ci95.map((each) => (each * 100).toFixed(1)).join(' to ');
          return `**${shown}** ${unbroken(`(${limits})`)}`;
        }),
        ...(hasSeveralSeeds ? [`${(at(own).sd * 100).toFixed(1)} points`] : []),
        steps === undefined ? epochs : `${steps} steps`,
        multiplyAddsText(trainMultiplyAdds),
      ];
    }),
  );
}

/** Names of test policies; their sizes suffice if they differ in nothing else. */
function headersOf(tests) {
  const parts = tests.map((test) => test.split('@'));
  return parts.every(([policy]) => policy === parts[0][0])
    ? parts.map(([, size]) => `${size} px`)
    : tests.map((test) => `\`${test}\``);
}

/** The comparisons of the run, which were planned before it. */
export function comparisons({ comparisons: planned }) {
  return comparisonTable(planned);
}

/** The comparisons beside those of the run. */
export function beside({ beside: compared }) {
  return comparisonTable(compared);
}

/** The corruptions of ImageNet-C, in the groups of its authors. */
const GROUPS = {
  noise: ['gaussian_noise', 'shot_noise', 'impulse_noise'],
  blur: ['defocus_blur', 'glass_blur', 'motion_blur', 'zoom_blur'],
  weather: ['snow', 'frost', 'fog', 'brightness'],
  digital: ['contrast', 'elastic_transform', 'pixelate', 'jpeg_compression'],
};

/** The arms on corrupted images: all, and the means of each group of corruptions. */
export function corrupted({ robustness: { arms } }) {
  return table(
    ['arm', 'clean', 'corrupted', 'mCE', ...Object.keys(GROUPS)],
    arms.map(({ name, clean, accuracy, ci95, mce, byCorruption }) => [
      `\`${name}\``,
      unbroken(percent(clean)),
      `**${unbroken(percent(accuracy))}** ${unbroken(`(${ci95.map((each) => (each * 100).toFixed(1)).join(' to ')})`)}`,
      unbroken(percent(mce)),
      ...Object.values(GROUPS).map((names) =>
        unbroken(percent(names.reduce((sum, each) => sum + byCorruption[each], 0) / names.length)),
      ),
    ]),
  );
}

/** The planned comparisons on corrupted images. */
export function corruptedComparisons({ robustness: { comparisons: rows } }) {
  return table(
    ['comparison', 'clean', 'corrupted', '95 % interval', 'p (Holm)', 'verdict', 'beyond clean'],
    rows.map(({ a, b, clean, difference, ci95, pAdjusted, verdict, beyondClean }) => [
      `${a} - ${b}`,
      points(clean),
      points(difference),
      interval(ci95),
      pText(pAdjusted),
      verdict,
      `${points(beyondClean.difference)} ${unbroken(`(${beyondClean.ci95.map((each) => points(each)).join(' to ')})`)}`,
    ]),
  );
}

function comparisonTable(rows) {
  const hasSeveralSeeds = rows.some(({ overSeeds }) => overSeeds.ci95 !== null);
  return table(
    [
      'comparison',
      'points',
      '95 % interval',
      'p (Holm)',
      ...(hasSeveralSeeds ? ['over seeds', 'p over seeds (Holm)'] : []),
      'verdict',
    ],
    rows.map(({ a, b, difference, ci95, pAdjusted, overSeeds, verdict }) => [
      `${a} - ${b}`,
      points(difference),
      interval(ci95),
      pText(pAdjusted),
      ...(hasSeveralSeeds ? [interval(overSeeds.ci95), pText(overSeeds.pAdjusted)] : []),
      verdict,
    ]),
  );
}

function interval(ci95) {
  return unbroken(ci95.map((each) => points(each)).join(' to '));
}

/** Narrow columns otherwise break a number from its unit. */
function unbroken(text) {
  return text.replaceAll(' ', '\u00A0');
}

function pText(p) {
  return pValue(p).replace('<', '< ');
}

/** Test policies by size, then by name. */
function bySize(a, b) {
  const size = (test) => Number.parseInt(test.split('@')[1], 10);
  return size(a) - size(b) || a.localeCompare(b);
}
