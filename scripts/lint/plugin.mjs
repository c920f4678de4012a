import { fileNameCase } from './file-name-case.mjs';
import { noImportCycle } from './no-import-cycle.mjs';

/** Rules of this repository that published plugins lack or provide only with another dependency. */
export const fixresRules = {
  rules: { 'file-name-case': fileNameCase, 'no-import-cycle': noImportCycle },
};
