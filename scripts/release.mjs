// pnpm release [--dry-run]: builds all packages, checks their types, which the build does not, and publishes those whose
// version the registry does not have. With --dry-run, it packs each package and lists its files instead; nothing is published.
import { parseArgs } from 'node:util';
import { pnpm } from './steps.mjs';

let dryRun;
try {
  ({
    values: { 'dry-run': dryRun },
  } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } }));
} catch (error) {
  process.stderr.write(`${error.message}\nUsage: pnpm release [--dry-run]\n`);
  process.exit(2);
}

const publish = dryRun
  ? ['publish', '--recursive', '--dry-run', '--no-git-checks', '--access', 'public']
  : ['changeset', 'publish'];
for (const command of [['turbo', 'run', 'build', '--output-logs=errors-only'], ['lint'], publish]) {
  const code = await pnpm(command);
  if (code !== 0) process.exit(code);
}
