import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startRecording } from './loaded-modules.ts';
import { temporaryFolder } from './run-cli.ts';

/**
 * The only modules that help, completion and usage errors may load; the rest of a command line is
 * heavy or unnecessary.
 */
const light = [
  /^node:/,
  // What Rolldown adds to the bundle.
  /^bundle:\/(rolldown\/runtime\.js|address-in)$/,
  /\/node_modules\/commander\//,
  /\/apps\/cli\/(bin\/fixres\.js|dist\/((api\/defaults|terminal\/terminal|(command-line|options|registration)\/[\w-]+|[\w-]+))\.js)$/,
  /\/apps\/cli\/dist\/(commands\/completion|completion\/[\w-]+|export\/export-formats|sweep\/backend-names|training-choice\/training-choice-options)\.js$/,
  /\/packages\/(engine\/dist\/engine-name|models\/dist\/model-names|runs\/dist\/experiment\/(names|setting-ranges|memory-amount))\.js$/,
  /\/packages\/(data\/dist\/(names|geometry\/image-size|contract\/(jpeg-decoding|input-scalings)|policies\/augment\/augment-names)|finetune\/dist\/freeze-policy-names)\.js$/,
];
const isHeavy = (url: string): boolean => !light.some((pattern) => pattern.test(url));

describe('without TensorFlow.js, sharp, zod, h5wasm and other unnecessary modules runs', () => {
  it.each([
    ['', 2],
    ['--help', 0],
    ['--version', 0],
    ['help train', 0],
    ['train --help', 0],
    ['completion bash', 0],
    ['data', 2],
    ['reproduc', 2],
    ['train', 2],
    ['train photos --image-size big', 2],
    ['finetune run photos --freeze most', 2],
    ['import keras file.h5 --arch vgg --out model', 2],
  ])('fixres %s', async (line, code) => {
    const { modules, ...result } = await startRecording(line === '' ? [] : line.split(' '));
    expect(result.code).toBe(code);
    expect(modules.filter(isHeavy)).toEqual([]);
    // The welcome text needs no parser; everything else does.
    expect(modules.some((url) => url.includes('/commander/'))).toBe(line !== '');
  });

  it('the help of every command', async () => {
    // One process for all: prints the help of every command, then of the command line itself.
    const program = pathToFileURL(
      join(import.meta.dirname, '..', 'dist', 'command-line', 'program.js'),
    ).href;
    const showAll = `
const { createProgram } = await import(${JSON.stringify(program)});
const show = (command) => {
  command.outputHelp();
  command.commands.forEach(show);
};
show(createProgram());`;
    const { code, stdout, modules } = await startRecording(['--help'], showAll);
    expect(code).toBe(0);
    expect(stdout.match(/^Usage: /gm)!.length).toBeGreaterThan(20);
    expect(modules.filter(isHeavy)).toEqual([]);
  });
});

it('the modules that a command loads would be detected', async () => {
  const { code, modules } = await startRecording(['doctor', '--json']);
  expect(code).toBe(0);
  const heavy = modules.filter(isHeavy);
  for (const name of ['@tensorflow/tfjs-core', '/packages/engine/dist/setup/'])
    expect(heavy.some((url) => url.includes(name))).toBe(true);
  // The version of a decoder is no reason to load the data set readers.
  expect(heavy.some((url) => /packages\/data\/dist\/node\/index\.js$|\/sharp\//.test(url))).toBe(
    false,
  );
});

it('ls does not load TensorFlow.js', async () => {
  const { code, stderr, modules } = await startRecording(['ls', await temporaryFolder(), '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(
    modules.filter((url) =>
      /@tensorflow|tfjs|\/sharp\/|\/zod\/|h5wasm|@clack|\/hono\/|packages\/(data|models|finetune|engine)\/dist\/(\w+\/)?index|runner\/dist\/(node\/)?index/.test(
        url,
      ),
    ),
  ).toEqual([]);
});
