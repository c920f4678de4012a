import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

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
    // A library never prints, never ends the process and never reads its environment: that is the caller's.
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', 'packages/engine/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit' },
        { object: 'process', property: 'env' },
      ],
    },
  },
  {
    // data, models, finetune and engine are siblings: none imports another; and nothing imports an app.
    files: ['packages/{data,models,finetune,engine}/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/test-support/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@fixres/*', 'fixres'],
              message: 'Sibling packages stay apart; runner composes.',
            },
          ],
        },
      ],
    },
  },
);
