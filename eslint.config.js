import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { rule as layers } from './tools/lint/layers.js';

const randomness = [
  {
    object: 'Math',
    property: 'random',
    message: 'Take randomness from node:crypto, passed in where tests set it.',
  },
];

const passedIn = 'Only main/core/surroundings.ts and main/cli/ read the surroundings: have it passed in.';

export default defineConfig(
  globalIgnores(['build/', 'dist/', 'coverage/', 'docs/generated/', 'test/data/']),
  tseslint.configs.strictTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { siteseal: { rules: { layers } } },
    rules: {
      'siteseal/layers': 'error',
      eqeqeq: 'error',
      'no-restricted-properties': ['error', ...randomness],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A leading underscore says that a parameter has to be there and is not used.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    name: 'main: no console, for there may be no terminal',
    files: ['main/**'],
    ignores: ['main/cli/**'],
    rules: { 'no-console': 'error' },
  },
  {
    name: 'main: time, environment and paths are passed in',
    files: ['main/**'],
    ignores: ['main/core/surroundings.ts', 'main/cli/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...randomness,
        { object: 'process', property: 'env', message: passedIn },
        { object: 'process', property: 'cwd', message: passedIn },
        { object: 'Date', property: 'now', message: passedIn },
        { object: 'os', property: 'homedir', message: passedIn },
      ],
      'no-restricted-imports': [
        'error',
        ...['process', 'node:process'].map((name) => ({
          name,
          importNames: ['env', 'cwd'],
          message: passedIn,
        })),
        ...['os', 'node:os'].map((name) => ({ name, importNames: ['homedir'], message: passedIn })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: passedIn },
        { selector: 'CallExpression[callee.name="Date"]', message: passedIn },
      ],
    },
  },
  {
    name: 'shell: what comes from a page comes through the wrapper that checks where from',
    files: ['main/shell/**'],
    ignores: ['main/shell/ipc.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportSpecifier[imported.name="ipcMain"]',
          message: 'Use main/shell/ipc.ts, which checks the frame that sends.',
        },
        {
          selector: 'MemberExpression[property.name="openExternal"]',
          message: 'Siteseal opens nothing outside itself but the data folder.',
        },
      ],
    },
  },
  {
    name: 'tests: node:test looks after the promises of its own calls; a wrong assumption fails the test',
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['describe', 'it', 'skip', 'suite', 'test', 'todo'],
            },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    name: 'plain JavaScript: tsc checks its types; no rule needs them',
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
