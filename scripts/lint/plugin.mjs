import { fileNameCase } from './file-name-case.mjs';
import { noImportCycle } from './no-import-cycle.mjs';

/** The rules of this repository that no published plugin has without a dependency of its own. */
export const fixresRules = {
  rules: { 'file-name-case': fileNameCase, 'no-import-cycle': noImportCycle },
};
