import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { fixresRules } from './scripts/lint/plugin.mjs';
import { rooms } from './scripts/lint/rooms.mjs';

/** What a library leaves to its caller: printing, ending the process and reading the environment. */
const OUTPUT = ['exit', 'exitCode', 'stdout', 'stderr'].map((property) => ({
  object: 'process',
  property,
  message: 'A library neither prints nor ends the process.',
}));
const ENVIRONMENT = {
  object: 'process',
  property: 'env',
  message: 'A library does not read the environment.',
};

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/reports/',
      'runs/',
      '**/coverage/',
      '**/.turbo/',
      'packages/data/assembly/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
      },
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    // One program for all packages, since they resolve to each other's sources: a program each would take half as long again.
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'apps/dashboard/client/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Indexing is checked by noUncheckedIndexedAccess; in numeric loops whose bounds are at hand, `!` says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    plugins: { fixres: fixresRules, '@typescript-eslint': tseslint.plugin },
    rules: { 'fixres/file-name-case': 'error', 'fixres/no-import-cycle': 'error' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/fixtures/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': ['error', ...OUTPUT, ENVIRONMENT],
    },
  },
  {
    // engine alone reads and sets variables: where files are kept, what its tools are given, how TensorFlow is to start.
    files: [
      'packages/engine/src/{cache-folder,use-engine}.ts',
      'packages/engine/src/graph/precision-times.ts',
      'packages/engine/src/machine/{diagnose-gpu,gpu}.ts',
      'packages/engine/src/native/load-native.ts',
      'packages/engine/src/setup/{find-tools,run-command,vendor-download}.ts',
      'packages/engine/src/setup/build/verify-binding.ts',
      'packages/engine/src/setup/obtain/{obtain-wheels,unreachable}.ts',
    ],
    rules: { 'no-restricted-properties': ['error', ...OUTPUT] },
  },
  ...rooms,
  {
    files: [
      'packages/*/src/**/index.ts',
      'apps/cli/src/index.ts',
      'apps/dashboard/server/index.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Program > :not(ExportNamedDeclaration[source])',
          message: 'An index.ts contains only named re-exports.',
        },
      ],
    },
  },
);
