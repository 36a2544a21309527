import { hash } from 'node:crypto';
import { toSeconds, type Certificate, type Crl } from '../pki/index.ts';
import type { Configuration } from './configuration.ts';

/** What a new bundle changes for its eNB: a value of what it asks. */
export interface Difference {
  /**
   * Its path in `siteseal-configuration/1`, such as `backhaul.vlan` or `securityGateways[1].address`; or the path of
   * another member of `IssuedWith`.
   */
  readonly field: string;
  /** Absent if the earlier bundle has no such value. A list is one value. */
  readonly before?: string;
  /** Absent if the new one has none. */
  readonly after?: string;
}

/** What an eNB depends on beside the configuration in its bundle. */
export interface IssuedWith {
  readonly signer: Pick<Certificate, 'sha256'>;
  /** The revocation lists without which the eNB refuses the bundle once they end. */
  readonly freshCrls: readonly Pick<Crl, 'nextUpdate'>[];
  /** The names of what is sealed, without the values. */
  readonly sealed: readonly string[];
}

/**
 * What a bundle asks of its eNB, as JSON, to be compared with a later one: everything but what distinguishes two bundles
 * of the same content, and the values of the sealed part. Certificates are their SHA-256.
 */
export function issuedContent(
  configuration: Configuration,
  { signer, freshCrls, sealed }: IssuedWith,
): string {
  const { format: _, bundleId: __, sequence: ___, issuedAt: ____, sealed: _____, ...content } = configuration;
  const digest = (root: string) => hash('sha256', Buffer.from(root, 'base64'));
  return JSON.stringify({
    ...content,
    operatorRootCertificates: content.operatorRootCertificates.map(digest),
    sealed,
    signer: {
      certificateSha256: signer.sha256,
      ...(freshCrls.length > 0 && {
        listsUntil: freshCrls.map(({ nextUpdate }) => (nextUpdate ? toSeconds(nextUpdate) : '')),
      }),
    },
  });
}

/** The values that differ between two contents of `issuedContent`, in the order of the later one. */
export function differencesOf(before: string, after: string): readonly Difference[] {
  if (before === after) return [];
  const earlier = flattened(before);
  const later = flattened(after);
  const gone = [...earlier.keys()].filter((field) => !later.has(field));
  return [...later.keys(), ...gone].flatMap((field) => {
    const [was, is] = [earlier.get(field), later.get(field)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [
      {
        field,
        ...(was !== undefined && { before: textOf(was) }),
        ...(is !== undefined && { after: textOf(is) }),
      },
    ];
  });
}

/** A value that is no object, or a list of such. */
type Leaf = string | number | boolean | null | readonly (string | number | boolean | null)[];

function textOf(value: Leaf): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}

/** The values of a JSON document by their paths. */
function flattened(json: string): ReadonlyMap<string, Leaf> {
  const values = new Map<string, Leaf>();
  const add = (path: string, value: unknown): void => {
    if (Array.isArray(value) && value.some((one) => typeof one === 'object'))
      for (const [index, one] of value.entries()) add(`${path}[${index}]`, one);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [name, one] of Object.entries(value)) add(path === '' ? name : `${path}.${name}`, one);
    else values.set(path, value as Leaf);
  };
  add('', JSON.parse(json));
  return values;
}
