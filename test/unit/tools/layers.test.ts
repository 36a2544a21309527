import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { layers, rule } from '../../../tools/lint/layers.js';

RuleTester.describe = describe;
RuleTester.it = it;

const tester = new RuleTester({ languageOptions: { parser: tseslint.parser } });

tester.run('layers', rule, {
  valid: [
    {
      name: 'a folder imports a folder of its allow-list by its index',
      filename: 'main/pki/name.ts',
      code: `import { readDer } from '../asn1/index.ts';`,
    },
    {
      name: 'a folder imports its own files',
      filename: 'main/pki/crl/entry.ts',
      code: `import { parseName } from '../name.ts';`,
    },
    {
      name: 'built-in modules and packages are free',
      filename: 'main/store/open.ts',
      code: `import 'node:fs'; import Database from 'better-sqlite3';`,
    },
    {
      name: 'words imports the locales',
      filename: 'main/words/locales.ts',
      code: `import faults from '../../assets/locales/en/faults.json' with { type: 'json' };`,
    },
    {
      name: 'the shell and the bridge import electron, and the contract',
      filename: 'main/shell/main.ts',
      code: `import { app } from 'electron'; import { channels } from '../../preload/contract/bridge.ts';`,
    },
    {
      name: 'the contract imports zod and itself',
      filename: 'preload/contract/calls.ts',
      code: `import { z } from 'zod'; import * as domain from './domain.ts';`,
    },
    {
      name: 'the page imports packages, itself, the words, the commands and the types of the contract',
      filename: 'renderer/src/port/client.ts',
      code: `import 'react'; import '../main.tsx'; import site from '../../../assets/locales/en/page/site.json';
        import { shortcuts } from '../../../preload/contract/commands.ts';
        import type { CoreMessage } from '../../../preload/contract/index.ts';`,
    },
    {
      name: 'the stand-alone verifier imports packages, itself, its words, and what knows no runtime',
      filename: 'renderer/verifier/crypto.ts',
      code: `import '@noble/hashes/sha2.js'; import './read.ts'; import '../../main/tlog/index.ts';
        import { explain } from '../../main/words/index.ts'; import '../../main/faults/index.ts';
        import words from '../../assets/locales/en/verifier.json';`,
    },
    {
      name: 'the command line builds what it hands out',
      filename: 'main/cli/audit-verifier-command.ts',
      code: `await import('../../tools/build.ts');`,
    },
    {
      name: 'tests reach every file',
      filename: 'test/unit/pki/name.test.ts',
      code: `import { parseName } from '../../../main/pki/name.ts'; import('../../../main/asn1/reader.ts');`,
    },
  ],
  invalid: [
    {
      name: 'a folder that is not in the allow-list',
      filename: 'main/asn1/reader.ts',
      code: `import { parseName } from '../pki/index.ts';`,
      errors: [{ message: /^main\/asn1\/ must not import main\/pki\// }],
    },
    {
      name: 'an import of types only',
      filename: 'main/json/parse.ts',
      code: `import type { Certificate } from '../pki/index.ts';`,
      errors: [{ messageId: 'layer' }],
    },
    {
      name: 'a type imported within an expression',
      filename: 'main/json/parse.ts',
      code: `let certificate: import('../pki/index.ts').Certificate;`,
      errors: [{ messageId: 'layer' }],
    },
    {
      name: 'an import at run time',
      filename: 'main/json/parse.ts',
      code: `await import('../pki/index.ts');`,
      errors: [{ messageId: 'layer' }],
    },
    {
      name: 'exports from elsewhere',
      filename: 'main/json/index.ts',
      code: `export { parseName } from '../pki/index.ts'; export * from '../asn1/index.ts';`,
      errors: [{ messageId: 'layer' }, { messageId: 'layer' }],
    },
    {
      name: 'a file behind the index',
      filename: 'main/pki/name.ts',
      code: `import { readDer } from '../asn1/reader.ts';`,
      errors: [{ message: 'main/asn1/ must be imported through its index.ts, not main/asn1/reader.ts.' }],
    },
    {
      name: 'a folder without an allow-list',
      filename: 'main/extras/thing.ts',
      code: `export const one = 1;`,
      errors: [{ message: /^main\/extras\/ has no place among the layers: give it an allow-list/ }],
    },
    {
      name: 'the locales from another folder',
      filename: 'main/cli/words.ts',
      code: `import cli from '../../assets/locales/en/cli.json' with { type: 'json' };`,
      errors: [{ message: 'main/cli/ must not import assets/locales/en/cli.json, which is outside main/.' }],
    },
    {
      name: 'tests and tools from main',
      filename: 'main/faults/words.ts',
      code: `import '../../test/data/words.ts'; import '../../tools/test.ts';`,
      errors: [{ messageId: 'outside' }, { messageId: 'outside' }],
    },
    {
      name: 'electron outside the shell',
      filename: 'main/core/index.ts',
      code: `import { app } from 'electron'; import { ipcMain } from 'electron/main';`,
      errors: [{ messageId: 'electron' }, { messageId: 'electron' }],
    },
    {
      name: 'threads outside spawn',
      filename: 'main/core/index.ts',
      code: `import { Worker } from 'node:worker_threads';`,
      errors: [{ message: 'Only main/spawn/ imports node:worker_threads.' }],
    },
    {
      name: 'the core from the shell that runs it in another process',
      filename: 'main/shell/main.ts',
      code: `import { startCore } from '../core/index.ts';`,
      errors: [{ messageId: 'layer' }],
    },
    {
      name: 'the product from the contract',
      filename: 'preload/contract/domain.ts',
      code: `import type { Fault } from '../../main/faults/index.ts'; import 'node:fs';`,
      errors: [{ messageId: 'preload' }, { messageId: 'preload' }],
    },
    {
      name: 'the contract from the page, at run time, and anything of Node',
      filename: 'renderer/src/app.tsx',
      code: `import { calls } from '../../preload/contract/index.ts'; import 'node:fs'; import '../../main/core/index.ts';`,
      errors: [{ messageId: 'page' }, { messageId: 'page' }, { messageId: 'page' }],
    },
    {
      name: 'the log from the page, and the core, the page and Node from the verifier',
      filename: 'renderer/verifier/crypto.ts',
      code: `import '../../main/audit/index.ts'; import '../../main/tlog/tree.ts'; import '../src/app/words.ts'; import 'node:fs';`,
      errors: [
        { messageId: 'verifier' },
        { messageId: 'verifier' },
        { messageId: 'verifier' },
        { messageId: 'verifier' },
      ],
    },
    {
      name: 'the check of logs from the page',
      filename: 'renderer/src/app.tsx',
      code: `import '../../main/tlog/index.ts';`,
      errors: [{ messageId: 'page' }],
    },
    {
      name: 'electron outside main',
      filename: 'tools/open.ts',
      code: `await import('electron');`,
      errors: [{ message: 'Only main/shell/ and preload/bridge.ts import electron.' }],
    },
  ],
});

test('a layer imports only layers below it, so that no two import each other', () => {
  const names = Object.keys(layers);
  for (const [index, name] of names.entries()) {
    for (const imported of layers[name]!) {
      assert.ok(names.slice(0, index).includes(imported), `${name} imports ${imported}`);
    }
  }
});

test('no folder may import what it does not', () => {
  const root = join(import.meta.dirname, '../../..');
  const unused = Object.entries(layers).flatMap(([folder, allowed]) => {
    const sources = globSync(`main/${folder}/**/*.ts`, { cwd: root })
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    return allowed
      .filter((other) => !new RegExp(`['"/]\\.\\./${other}/index\\.ts'`).test(sources))
      .map((other) => `${folder}: ${other}`);
  });
  assert.deepEqual(unused, []);
});
