import { allowedImports } from './allowed-imports.mjs';
import { fileNameCase } from './file-name-case.mjs';
import { noImportCycle } from './no-import-cycle.mjs';
import { onlyReExports } from './only-re-exports.mjs';
import { sharedTimeLimits } from './shared-time-limits.mjs';
import { skipsWithReason } from './skips-with-reason.mjs';

/** Rules of this repository that oxlint lacks. */
export default {
  meta: { name: 'fixres' },
  rules: {
    'allowed-imports': allowedImports,
    'file-name-case': fileNameCase,
    'no-import-cycle': noImportCycle,
    'only-re-exports': onlyReExports,
    'shared-time-limits': sharedTimeLimits,
    'skips-with-reason': skipsWithReason,
  },
};
