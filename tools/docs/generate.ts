/**
 * Writes the documents that are generated from the code: `node tools/docs/generate.ts`. A test fails when they are out
 * of date.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { faultsPage } from './faults.ts';
import { openApi } from './openapi.ts';
import { demoLines, terminalPicture } from './picture.ts';
import { schemas } from './schemas.ts';

export const root = join(import.meta.dirname, '../..');

/** The text of each document, by its path from the root. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas))
    texts.set(`docs/formats/schemas/${name}.schema.json`, await formatted(JSON.stringify(schema), 'json'));
  texts.set('docs/formats/openapi.json', await formatted(JSON.stringify(openApi), 'json'));
  texts.set('docs/faults.md', await formatted(faultsPage(), 'markdown'));
  texts.set('docs/pictures/demo.svg', terminalPicture('npm run demo', await demoLines()));
  return texts;
}

/** Formatted like `npm run format`. */
async function formatted(text: string, parser: 'json' | 'markdown'): Promise<string> {
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser });
}

if (import.meta.main) {
  for (const [path, text] of await documents()) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(path);
  }
}
