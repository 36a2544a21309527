/** Searches folders for secrets that must not be there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A secret as programs write one, by accident: as it is, in hex, base64 and UTF-16. */
function formsOf(secret: string): readonly Buffer[] {
  const plain = Buffer.from(secret);
  const wide = Buffer.from(secret, 'utf16le');
  const hex = plain.toString('hex');
  // In base64 a secret looks different at each of three places. The characters at its ends also hold its neighbours.
  const base64 = [0, 1, 2].flatMap((place) => {
    const text = Buffer.concat([Buffer.alloc(place), plain])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(place === 0 ? 0 : place + 1, -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const texts = [hex, hex.toUpperCase(), ...base64];
  return [plain, wide, Buffer.from(wide).swap16(), ...texts.map((text) => Buffer.from(text))];
}

/** The files under these folders, with their contents. */
export function filesUnder(folders: readonly string[]): ReadonlyMap<string, Buffer> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return new Map(files.map((file) => [file, readFileSync(file)]));
}

/** The files under these folders that hold one of these secrets, in any of its forms, or in their names. */
export function filesWith(secrets: readonly string[], folders: readonly string[]): readonly string[] {
  const forms = secrets.flatMap(formsOf);
  const isLeak = ([file, bytes]: readonly [string, Buffer]) =>
    forms.some((form) => bytes.includes(form) || Buffer.from(file).includes(form));
  return [...filesUnder(folders)].filter(isLeak).map(([file]) => file);
}
