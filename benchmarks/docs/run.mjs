// Writes the tables and plots of docs/benchmarks.md and docs/models.md from the results in
// docs/benchmarks/.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'oxfmt';
import { sources } from './markdown.mjs';

const benchmarks = fileURLToPath(new URL('..', import.meta.url));
const docs = join(benchmarks, '..', 'docs');
const pages = ['benchmarks.md', 'models.md'].map((name) => join(docs, name));
const results = join(docs, 'benchmarks');
const formatOptions = JSON.parse(readFileSync(join(benchmarks, '..', '.oxfmtrc.json'), 'utf8'));

const usage = `Usage: pnpm bench docs [options]
  --check             write nothing; exit with 1 if a page or a plot differs from the results

The pages docs/benchmarks.md and docs/models.md have blocks between <!-- BENCHMARK FUNCTION FILE... --> and <!-- end -->: the command and
machine of each file of docs/benchmarks, and the table or plot that the function of benchmarks/BENCHMARK/table.mjs makes of them. To replace results:
pnpm bench step --json > docs/benchmarks/step-128.json && pnpm bench docs
`;

export async function main(args) {
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({ args, options: { check: flag, help: flag } });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const outdated = [];
  for (const [file, content] of await generated()) {
    if (readOr(file) === content) continue;
    outdated.push(file);
    if (!values.check) writeFileSync(file, content);
  }
  if (!values.check || outdated.length === 0) return 0;
  process.stderr.write(
    `${outdated.join(' and ')}: not as in docs/benchmarks/*.json; write it with "pnpm bench docs".\n`,
  );
  return 1;
}

/** The pages, plots and results with their new content. */
async function generated() {
  const files = new Map();
  for (const page of pages) {
    const parts = readFileSync(page, 'utf8').split(
      /(<!-- (?!end)[\w-]+ \w+ [\w. -]+ -->)[^]*?(<!-- end -->)/,
    );
    // Between the blocks' parts is the text of the page.
    const texts = await Promise.all(
      parts.map((part) => (/^<!-- (?!end)/.test(part) ? block(part, files) : part)),
    );
    files.set(page, await formatted(page, texts.join('')));
  }
  // As the benchmarks print them, with the line breaks of the repository.
  for (const name of readdirSync(results).filter((each) => each.endsWith('.json'))) {
    const file = join(results, name);
    files.set(file, await formatted(file, readFileSync(file, 'utf8')));
  }
  return files;
}

async function formatted(file, text) {
  const { code, errors } = await format(file, text, formatOptions);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return code;
}

/** A block with its first line, without its last; plots are added to `files`. */
async function block(marker, files) {
  const [benchmark, name, ...names] = marker.slice(5, -4).split(' ');
  const missing = names.find((file) => !existsSync(join(results, file)));
  if (missing !== undefined)
    return `${marker}\n\nNot measured yet: \`pnpm bench ${benchmark} --json > docs/benchmarks/${missing}\`, then\n\`pnpm bench docs\`.\n\n`;
  const read = names.map((file) => JSON.parse(readFileSync(join(results, file), 'utf8')));
  const { [name]: make } = await import(`../${benchmark}/table.mjs`);
  const made = make(...read);
  if (!made.startsWith('<svg')) return `${marker}\n\n${sources(read)}\n\n${made}\n\n`;
  const plot = `${names[0].replace(/\.json$/, '')}-${name}.svg`;
  files.set(join(results, plot), made);
  return `${marker}\n\n![${benchmark}: ${name}](benchmarks/${plot})\n\n`;
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
