/** Builds of Siteseal with a fault in them, made as the sources are loaded: the soak must find each. */
import { registerHooks } from 'node:module';

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const brokenBuilds: Readonly<Record<string, Change>> = {
  /** What the eNB has stored is fetched, and not looked at. */
  'no-read-back': {
    file: '/main/site/deliver.ts',
    from: 'Buffer.compare(stored.value, this.#request.bundle) === 0',
    to: 'stored.value.length > 0',
  },
  /** What is on the drive is read after it was out, and not compared. */
  'no-comparison': {
    file: '/main/drive/verify.ts',
    from: 'Buffer.compare(bytes, expected) === 0',
    to: 'bytes.length >= 0',
  },
};

/** To be called before the first module of the product is loaded. */
export function loadBroken(name: string): void {
  const change = brokenBuilds[name];
  if (!change) throw new Error(`There is no broken build ${name}`);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(change.file) || !(loaded.source instanceof Uint8Array)) return loaded;
      const source = Buffer.from(loaded.source).toString();
      if (!source.includes(change.from))
        throw new Error(`${change.file} has changed: ${name} breaks nothing`);
      return { ...loaded, source: source.replace(change.from, change.to) };
    },
  });
}
