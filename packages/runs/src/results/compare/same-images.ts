import { FixresRunsError } from '../../errors.ts';
import { counted } from '../../report/format.ts';
import type { ComparedArm, ComparedRun, TestedImage } from './compared-run.ts';

/** Maximum number of images in an error. */
const NAMED = 3;

/**
 * Checks that all arms were evaluated on the same images with the same labels; otherwise they
 * cannot be compared image by image.
 *
 * @throws FixresRunsError with the difference
 */
export function requireSameImages(runs: readonly ComparedRun[]): void {
  const folderOf = (arm: ComparedArm): string =>
    runs.find(({ letter }) => letter === arm.run)!.folder;
  const tested = runs.flatMap(({ arms }) =>
    arms.flatMap((arm) =>
      Array.from(arm.seeds.values(), (images) => ({ images, folder: folderOf(arm) })),
    ),
  );
  const [reference, ...others] = tested;
  for (const other of others) {
    const difference = differenceOf(reference!.images, other.images);
    if (difference === undefined) continue;
    const message =
      `Runs "${reference!.folder}" and "${other.folder}" cannot be compared: ${difference}. ` +
      'Runs can be compared only if they hold out the same images: the same data set, --limit ' +
      'and --held-out.';
    throw new FixresRunsError('bad-option', message);
  }
}

function differenceOf(a: readonly TestedImage[], b: readonly TestedImage[]): string | undefined {
  const labels = new Map(b.map(({ file, label }) => [file, label]));
  const names = new Set(a.map(({ file }) => file));
  const onlyA = a.filter(({ file }) => !labels.has(file)).map(({ file }) => file);
  const onlyB = b.filter(({ file }) => !names.has(file)).map(({ file }) => file);
  if (onlyA.length + onlyB.length > 0) {
    const sides = [
      ...(onlyA.length > 0
        ? [
            `${onlyA.length} of ${counted(a.length, 'held-out image')} of the first are not among those of the second (${listed(onlyA)})`,
          ]
        : []),
      ...(onlyB.length > 0
        ? [
            `${onlyB.length} of ${counted(b.length, 'held-out image')} of the second are not among those of the first (${listed(onlyB)})`,
          ]
        : []),
    ];
    return sides.join(', and ');
  }
  const changed = a.filter(({ file, label }) => labels.get(file) !== label);
  if (changed.length === 0) return undefined;
  const [{ file, label }] = changed as [TestedImage];
  return (
    `${counted(changed.length, 'held-out image')} ${changed.length === 1 ? 'has' : 'have'} ` +
    `another label, for example ${file}: "${label}" and "${labels.get(file)}"`
  );
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ', …' : ''}`;
}
