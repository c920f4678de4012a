import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseExperiment } from '@fixres/runs/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { allRoutes } from '../src/pages/routes.ts';
import { dist, root } from '../src/repository.ts';

/**
 * The code of the pages: programs are checked by the compiler, experiments by their schema, Python by
 * its parser. Command lines are parsed by a test of the command line, programs of the packages'
 * READMEs (`ts`) are run by the packaging test, which leaves fragments (`js`) to this one, and those of
 * docs/how-to-add.md have a test of their own.
 */
interface Block {
  page: string;
  language: string;
  code: string;
}

const isReadme = (source: string): boolean => source.endsWith('/README.md');
const tested = ['README.md', ...allRoutes().map(({ source }) => source)].filter(
  (source) => !source.endsWith('how-to-add.md'),
);

const blocks = (
  await Promise.all(
    tested.map(async (page): Promise<Block[]> => {
      const text = await readFile(join(root, page), 'utf8');
      return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, code]) => ({
        page,
        language: language!,
        code: code!,
      })).filter(({ language }) => !(isReadme(page) && language === 'ts'));
    }),
  )
).flat();

const inLanguage = (language: string): Block[] =>
  blocks.filter((block) => block.language === language);

it('pages have code in languages that a test reads', () => {
  // Python and Java are run when the outputs on a page are made, and not by the tests.
  const known = ['sh', 'ts', 'js', 'yaml', 'json', 'python', 'java', 'go'];
  expect(blocks.length).toBeGreaterThan(20);
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
});

it('no page has a placeholder that was to be replaced by an output', async () => {
  const placeholder = /^[A-Z]{4,}$/m;
  expect('Then run:\n\nOUTPUT\n').toMatch(placeholder);
  for (const page of tested)
    expect(await readFile(join(root, page), 'utf8'), page).not.toMatch(placeholder);
});

describe('programs', () => {
  // Below the package, so that imports lead to the built packages.
  const folder = join(dist, 'code-blocks');
  const programs = [...inLanguage('ts'), ...inLanguage('js')].map((block, i) => ({
    ...block,
    code: withSurroundings(block.code),
    file: `program${i}.ts`,
  }));

  const problems = async (files: readonly string[]): Promise<string> => {
    const compilerOptions = {
      target: 'ES2023',
      lib: ['ES2023', 'DOM'],
      module: 'nodenext',
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'apps', 'docs', 'node_modules', 'typescript', 'bin', 'tsc');
    return promisify(execFile)(process.execPath, [tsc, '-p', folder]).then(
      () => '',
      (error: unknown) => (error as { stdout: string }).stdout,
    );
  };

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    for (const { file, code } of programs) await writeFile(join(folder, file), code);
    await writeFile(
      join(folder, 'wrong.ts'),
      "import { train } from 'fixres';\nawait train({ dataset: 'photos/', imageSise: 96 });\n",
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('compile, and one with a wrong option would not', async () => {
    expect(programs.length).toBeGreaterThan(4);
    const found = await problems([...programs.map(({ file }) => file), 'wrong.ts']);
    const lines = found.split('\n').filter((line) => line.includes('error TS'));
    expect(
      lines
        .filter((line) => !line.includes('wrong.ts'))
        .map((line) => line.replace(/.*program(\d+)\.ts/, (_, i) => programs[Number(i)]!.page)),
    ).toEqual([]);
    expect(lines.join()).toMatch(/wrong\.ts.*imageSise/);
  });
});

it('a fragment gets what it does not declare itself', () => {
  expect(withSurroundings('await applyFreezePolicy(model, 1);')).toBe(
    "import { applyFreezePolicy } from '@fixres/finetune';\ndeclare const model: import('@tensorflow/tfjs-layers').LayersModel;\nawait applyFreezePolicy(model, 1);export {};\n",
  );
  const whole =
    "import { loss } from 'mine';\nconst { model } = loss;\nfor (const labels of model) ;\n";
  expect(withSurroundings(whole)).toBe(`${whole}export {};\n`);
});

describe('Python', { tags: 'python3' }, () => {
  const parse = (code: string): Promise<unknown> =>
    promisify(execFile)('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code]);

  it('can be parsed, and a wrong program could not', async () => {
    const programs = inLanguage('python');
    expect(programs.length).toBeGreaterThan(2);
    await parse(programs.map(({ code }) => code).join('\n'));
    await expect(parse('model = = 1')).rejects.toThrow(/SyntaxError/);
  });
});

describe('experiments', () => {
  it.each(inLanguage('yaml'))('in $page are valid', ({ code, page }) => {
    const whole = wholeExperiment(parseYaml(code) as object);
    expect(() => parseExperiment(whole, page)).not.toThrow();
  });

  it('an unknown key would be found', () => {
    expect(() =>
      parseExperiment({ version: 1, dataset: 'a', preset: 'quick', batchSise: 4 }),
    ).toThrow(/batchSise/);
  });
});

it.each(inLanguage('json'))('JSON in $page can be read', ({ code }) => {
  expect(() => JSON.parse(code) as unknown).not.toThrow();
});

const policy = { policy: 'resize', size: 64 };
const policies = { trainPolicy: policy, testPolicy: policy };

/** An experiment from a fragment: some arms, or some keys of an experiment or of its arms. */
function wholeExperiment(fragment: object): object {
  const keys: { arms?: object[] } = Array.isArray(fragment)
    ? { arms: [{ name: 'matched' }, ...(fragment as object[])] }
    : fragment;
  const arms = keys.arms?.map((arm) => ({
    ...policies,
    ...('cost' in arm ? {} : { epochs: 1 }),
    ...('schedule' in arm ? {} : { learningRate: 0.1 }),
    ...arm,
  }));
  const isComplete = ['arms', 'grid', 'preset'].some((key) => key in keys);
  return {
    version: 1,
    dataset: 'photos',
    ...(isComplete ? {} : { preset: 'quick' }),
    ...keys,
    ...(arms ? { arms } : {}),
  };
}

/** Where the functions of fragments come from. */
const modules: Readonly<Record<string, readonly string[]>> = {
  '@fixres/finetune': ['applyFreezePolicy', 'splitTrunk'],
  '@fixres/models': [
    'createModel',
    'createTorchModel',
    'isNormOrBias',
    'loadKerasWeights',
    'recogniseModel',
    'SGD',
    'twoClassHead',
  ],
  '@fixres/models/node': ['readKerasWeightsFile', 'readSafetensorsFile'],
};

/** Types of what fragments use without a value. */
const values: Readonly<Record<string, string>> = {
  batches: "import('@tensorflow/tfjs-core').Tensor4D[]",
  handle: "import('@fixres/finetune').FreezeHandle",
  images: "import('@tensorflow/tfjs-core').Tensor4D",
  labels: "import('@tensorflow/tfjs-core').Tensor",
  loss: "(logits: import('@tensorflow/tfjs-core').Tensor | import('@tensorflow/tfjs-core').Tensor[], labels: import('@tensorflow/tfjs-core').Tensor) => import('@tensorflow/tfjs-core').Scalar",
  model: "import('@tensorflow/tfjs-layers').LayersModel",
};

/** A program from a fragment: what it uses and does not declare is imported or declared. */
function withSurroundings(code: string): string {
  const withoutComments = code.replaceAll(/\/\/.*/g, '');
  const uses = (name: string): boolean =>
    new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(withoutComments) &&
    !new RegExp(`\\b(?:const|import) (?:\\{[^}]*\\b)?${name}\\b`).test(withoutComments);
  const imports = Object.entries(modules).flatMap(([module, names]) => {
    const used = names.filter(uses);
    return used.length > 0 ? [`import { ${used.join(', ')} } from '${module}';\n`] : [];
  });
  const tensorflow = uses('tf') ? ["import * as tf from '@tensorflow/tfjs-core';\n"] : [];
  const declared = Object.entries(values)
    .filter(([name]) => uses(name))
    .map(([name, type]) => `declare const ${name}: ${type};\n`);
  return [...imports, ...tensorflow, ...declared, code, 'export {};\n'].join('');
}
