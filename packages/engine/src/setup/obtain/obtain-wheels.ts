import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnginePlatform } from '../../engine-name.ts';
import { type EngineFlavor, tensorflowVersion } from '../../native/engine-entry.ts';
import { thisPlatform } from '../../native/platform.ts';
import { wheelMetadata } from '../build/extract-wheel.ts';
import { findPip, type Tool } from '../find-tools.ts';
import type { Missing } from '../missing.ts';
import { lastLine, runCommand } from '../run-command.ts';
import type { SetupContext } from '../setup-context.ts';
import { every, largestFile } from '../watch-folder.ts';
import type { DownloadRecord, Downloads } from './downloads.ts';
import { unreachable } from './unreachable.ts';

/** The wheels of an engine. */
export interface EngineWheels {
  readonly tensorflow: DownloadRecord;
  /** NVIDIA's libraries; empty for the CPU build. */
  readonly nvidia: readonly DownloadRecord[];
}

/**
 * A Python version that TensorFlow has wheels for. Its libraries do not use Python, so pip may run
 * in another version.
 */
const wheelPython = '3.12';

/** Platform tags that pip is asked for, by platform, if the engine is for another machine. */
const wheelTags: Readonly<Record<EnginePlatform, readonly string[]>> = {
  'linux-x64': manylinux('x86_64', ['manylinux2010_x86_64', 'manylinux1_x86_64']),
  'linux-arm64': manylinux('aarch64', []),
  'darwin-arm64': ['macosx_12_0_arm64', 'macosx_11_0_arm64'],
};

/** From glibc 2.28, which Node itself requires, down to the version of the oldest numbered tag. */
function manylinux(machine: string, older: readonly string[]): string[] {
  const tags = Array.from({ length: 12 }, (_, i) => `manylinux_2_${28 - i}_${machine}`);
  return [...tags, `manylinux2014_${machine}`, ...older];
}

/** The requirement for pip. macOS has no tensorflow-cpu; its plain wheel is the CPU build. */
function tensorflowRequirement(flavor: EngineFlavor, platform: string): string {
  return `${flavor === 'gpu' || platform.startsWith('darwin') ? 'tensorflow' : 'tensorflow-cpu'}==${tensorflowVersion}`;
}

/** Whether all wheels are present, so that pip is not needed. */
export async function hasWheels(
  downloads: Downloads,
  flavor: EngineFlavor,
  platform: string,
): Promise<boolean> {
  const tensorflow = downloads.find(tensorflowRequirement(flavor, platform), platform);
  if (!tensorflow || flavor === 'cpu') return tensorflow !== undefined;
  const requirements = await nvidiaRequirements(downloads.path(tensorflow));
  return requirements.every((requirement) => downloads.find(requirement, platform) !== undefined);
}

/**
 * Downloads TensorFlow's wheel into `downloads`, and with `gpu` also the wheels of NVIDIA's
 * libraries that it requires, one at a time. pip uses the user's configuration and checks each
 * wheel against the SHA-256 of the index.
 */
export async function obtainWheels(
  downloads: Downloads,
  { flavor, platform }: { flavor: EngineFlavor; platform: string },
  context: SetupContext,
): Promise<EngineWheels | Missing> {
  let pip: ReturnType<typeof findPip> | undefined;
  const findPipOnce = (): ReturnType<typeof findPip> => (pip ??= findPip(context.signal));
  const tensorflow = await obtainWheel(
    downloads,
    { requirement: tensorflowRequirement(flavor, platform), platform, findPipOnce },
    context,
  );
  if ('missing' in tensorflow) return tensorflow;
  const nvidia: DownloadRecord[] = [];
  for (const requirement of flavor === 'gpu'
    ? await nvidiaRequirements(downloads.path(tensorflow))
    : []) {
    const wheel = await obtainWheel(downloads, { requirement, platform, findPipOnce }, context);
    if ('missing' in wheel) return wheel;
    nvidia.push(wheel);
  }
  return { tensorflow, nvidia };
}

/** The requirements of the extra `and-cuda` of TensorFlow's wheel, as pip takes them. */
async function nvidiaRequirements(wheelFile: string): Promise<string[]> {
  return parseNvidiaRequirements(await wheelMetadata(wheelFile));
}

/**
 * Parses lines like `Requires-Dist: nvidia-nccl-cu12<3.0,>=2.25.1; extra == "and-cuda"` in a
 * wheel's METADATA.
 */
function parseNvidiaRequirements(metadata: string): string[] {
  return Array.from(
    metadata.matchAll(/^Requires-Dist: *([^;\r\n]+);.*\bextra *== *['"]and-cuda['"]/gm),
    ([, requirement]) => requirement!.replaceAll(/[\s()]/g, ''),
  );
}

interface WantedWheel {
  readonly requirement: string;
  readonly platform: string;
  readonly findPipOnce: () => ReturnType<typeof findPip>;
}

async function obtainWheel(
  downloads: Downloads,
  { requirement, platform, findPipOnce }: WantedWheel,
  { onStep, signal }: SetupContext,
): Promise<DownloadRecord | Missing> {
  const there = downloads.find(requirement, platform);
  if (there) return there;
  const pip = await findPipOnce();
  if ('problem' in pip) return { missing: [pip.problem] };
  onStep(`downloading ${requirement} with pip`);
  const partial = await downloads.makePartial();
  try {
    let most = 0;
    const progress = (): void => {
      // pip copies the finished file, so only the largest file shows the progress.
      const bytes = largestFile(partial);
      if (bytes > most) onStep(`downloading ${requirement}: ${Math.round(bytes / 1e6)} MB so far`);
      most = Math.max(most, bytes);
    };
    const result = await every(
      5,
      progress,
      pipDownload(pip, requirement, { platform, partial, signal }),
    );
    if (result.code !== 0)
      return (
        unreachable('the Python package index', result.output) ?? {
          missing: [`pip could not download ${requirement}: ${pipError(result.output)}`],
        }
      );
    const file = (await readdir(partial)).find((name) => name.endsWith('.whl'));
    if (!file) return { missing: [`pip did not download a wheel of ${requirement}`] };
    return await downloads.add(join(partial, file), { wanted: requirement, platform }, signal);
  } finally {
    await downloads.removePartial();
  }
}

async function pipDownload(
  { command, args }: Tool,
  requirement: string,
  {
    platform,
    partial,
    signal,
  }: { platform: string; partial: string; signal: AbortSignal | undefined },
): ReturnType<typeof runCommand> {
  const flags = [
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--no-input',
    '--progress-bar=off',
    '--dest',
    partial,
  ];
  // pip downloads into its temporary folder. Ours lets us watch it grow, and is deleted with the
  // rest. PIP_REQUIRE_VIRTUALENV is meant for installations, and this is none.
  const env = {
    ...process.env,
    TMPDIR: partial,
    TEMP: partial,
    PYTHONUNBUFFERED: '1',
    PIP_REQUIRE_VIRTUALENV: '0',
  };
  const download = (extra: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(command, [...args, 'download', ...flags, ...extra, requirement], { env, signal });
  if (platform !== thisPlatform)
    return download([
      '--python-version',
      wheelPython,
      ...((wheelTags as Partial<Record<string, readonly string[]>>)[platform] ?? []).flatMap(
        (tag) => ['--platform', tag],
      ),
    ]);
  const own = await download([]);
  const noneForThisPython =
    own.code !== 0 &&
    own.output.includes('No matching distribution') &&
    !unreachable('', own.output);
  return noneForThisPython ? download(['--python-version', wheelPython]) : own;
}

function pipError(output: string): string {
  return (
    output
      .split('\n')
      .findLast((line) => line.startsWith('ERROR:'))
      ?.slice('ERROR:'.length)
      .trim() ?? lastLine(output)
  );
}
