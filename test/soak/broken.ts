/** Builds of Siteseal with a deliberate fault, made as the sources are loaded. The soak must detect each. */
import { registerHooks } from 'node:module';

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Whether the steps show it, and not the deliveries. */
  readonly isOfSteps?: true;
}

export const brokenBuilds: Readonly<Record<string, Change>> = {
  /** Fetches what the eNB has stored, and does not compare it. */
  'no-read-back': {
    file: '/main/site/deliver.ts',
    from: 'Buffer.compare(stored.value, this.#request.bundle.bytes) === 0',
    to: 'stored.value.length > 0',
  },
  /** Reads the drive's contents after the remount, and does not compare them. */
  'no-comparison': {
    file: '/main/drive/verify.ts',
    from: 'Buffer.compare(bytes, expected) === 0',
    to: 'bytes.length >= 0',
  },
  /** Calls step 2 done without a tunnel. */
  'no-tunnel': {
    file: '/main/lab/enb-tunnels.ts',
    from: 'const up = await this.#ipsec.up(order.value, onPhase, signal);',
    to: `onPhase('answered');
    onPhase('authenticated');
    this.#records.end('backhaul-ipsec', undefined, { service });
    const up = ok(undefined);
    return up;`,
    isOfSteps: true,
  },
};

/** Must be called before the first module of the product is loaded. */
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
