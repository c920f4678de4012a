import { counted } from '@fixres/runs/report';
import type { ExportCertificate, Verification } from './certificate.ts';

const percent = (value: number): string => (100 * value).toFixed(2);

/** A certificate for the terminal. */
export function certificateText({
  exported,
  images,
  verification,
}: Pick<ExportCertificate, 'exported' | 'images' | 'verification'>): string {
  const size = `${exported.files[0]}: ${(exported.bytes / 1e6).toFixed(1)} MB, ${exported.precision}`;
  if (verification.verdict === 'not verified')
    return `${size}\nNot verified: ${verification.reason}.`;
  const {
    verdict,
    runtime,
    largestDifference,
    notANumber,
    changedTop1,
    changedLabelSets,
    accuracy,
    comparison,
  } = verification;
  const isMultiLabel = changedLabelSets !== undefined;
  const rows = [
    ['model', accuracy.model],
    ['exported', accuracy.exported],
  ] as const;
  return [
    size,
    `Verified with ${runtime.name} ${runtime.version} on ${counted(images!.count, 'held-out image')} of ${images!.name}: ${verdict}`,
    largestDifference === null
      ? `  probabilities that are not numbers: those of ${notANumber} of ${images!.count}`
      : `  largest difference of a probability: ${largestDifference.toPrecision(2)}`,
    `  changed ${isMultiLabel ? 'sets of labels' : 'top-1 predictions'}: ${changedLabelSets ?? changedTop1} of ${images!.count}`,
    ...rows.map(
      ([name, { accuracy: value, ci95 }]) =>
        `  ${isMultiLabel ? 'subset' : 'top-1'} accuracy, ${name}: ${percent(value)} % (95 % interval ${percent(ci95[0])} to ${percent(ci95[1])})`,
    ),
    ...(verdict === 'equal' ? [] : [lost(comparison)]),
    `  paired test (McNemar): p = ${comparison.p.toPrecision(2)}`,
  ].join('\n');
}

/** The comparison is the exported model minus the model. */
function lost({ difference, ci95: [low, high] }: Verification['comparison']): string {
  return `  accuracy lost: ${points(-difference)} points (95 % interval ${points(-high)} to ${points(-low)})`;
}

/** Never "-0.00". */
function points(value: number): string {
  return percent(value).replace(/^-(?=0\.00$)/, '');
}
