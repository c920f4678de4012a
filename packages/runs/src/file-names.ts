/**
 * Names of arms and policies that become part of file names. `RunFolder` writes files of these
 * names; readers of runs parse them.
 */
export const fileNamePattern: Readonly<RegExp> = /^[\w.@+-]{1,100}$/;

/**
 * Maximum bytes of a file name in file systems, less the suffix of a temporary file
 * (`.<process>.partial`).
 */
export const LONGEST_FILE_NAME: number = 255 - 16;

/** An arm under one seed. */
export interface ArmOfSeed {
  arm: string;
  seed: number;
}

/** Identifies predictions of a run. */
export interface PredictionsOf extends ArmOfSeed {
  /** `<policy>@<size>` */
  evaluation: string;
}

/**
 * An evaluation that contains this would read as if the arm's name were longer. In any case of
 * letters, because some file systems ignore case.
 */
const LOOKS_LIKE_SEED = /(?:^|-)seed\d+-/i;

/** Name of an arm's folder, for its model, its checkpoints and its additional logs. */
export function armFolderName({ arm, seed }: ArmOfSeed): string {
  return `${arm}-seed${seed}`;
}

/** The inverse of {@link armFolderName}; undefined for any other name. */
export function parseArmFolderName(name: string): ArmOfSeed | undefined {
  const [, arm, seed] = /^(.+)-seed(0|[1-9]\d*)$/.exec(name) ?? [];
  return arm === undefined ? undefined : { arm, seed: Number(seed) };
}

/**
 * Name of a predictions file: `<arm>-seed<n>-<policy>@<size>.jsonl`. A `%`, which no name contains,
 * precedes an evaluation that contains `seed<n>-`: otherwise two predictions could have one name,
 * for example those of arm `a` under `b-seed1-c@64` and of arm `a-seed0-b` under `c@64`.
 */
export function predictionsFileName(of: PredictionsOf): string {
  return `${armFolderName(of)}-${LOOKS_LIKE_SEED.test(of.evaluation) ? '%' : ''}${of.evaluation}.jsonl`;
}

/** The name of the file in runs before the `%` existed; nearly always the same. */
export function earlierPredictionsFileName(of: PredictionsOf): string {
  return `${armFolderName(of)}-${of.evaluation}.jsonl`;
}

/**
 * The inverse of {@link predictionsFileName}; undefined for any other name.
 *
 * @param isOfRun whether the run makes these predictions; selects the reading of names of {@link
 * earlierPredictionsFileName} that are ambiguous. By default, the reading with the longest arm
 * name.
 */
export function parsePredictionsFileName(
  name: string,
  isOfRun: (of: PredictionsOf) => boolean = () => true,
): PredictionsOf | undefined {
  const marked = /^(.+)-seed(0|[1-9]\d*)-%(.+@\d+)\.jsonl$/.exec(name);
  if (marked) return partsOf(marked);
  // From the longest name of the arm to the shortest.
  let last: PredictionsOf | undefined;
  for (let arm = name.length; arm > 0; arm = name.lastIndexOf('-seed', arm - 1)) {
    const seed = /^(-seed)(0|[1-9]\d*)-([^%].*@\d+)\.jsonl$/.exec(name.slice(arm));
    if (!seed) continue;
    const way = { arm: name.slice(0, arm), seed: Number(seed[2]), evaluation: seed[3]! };
    if (isOfRun(way)) return way;
    last ??= way;
  }
  return last;
}

function partsOf([, arm, seed, evaluation]: RegExpExecArray): PredictionsOf {
  return { arm: arm!, seed: Number(seed), evaluation: evaluation! };
}
