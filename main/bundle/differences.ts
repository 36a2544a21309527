import { hash } from 'node:crypto';
import type { Configuration } from './configuration.ts';

/** What a new bundle changes for its eNB: a value of the configuration. */
export interface Difference {
  /** Its path in `siteseal-configuration/1`, such as `backhaul.vlan` or `securityGateways[1].address`. */
  readonly field: string;
  /** Absent if the earlier configuration has no such value. A list is one value. */
  readonly before?: string;
  /** Absent if the new one has none. */
  readonly after?: string;
}

/**
 * What a configuration asks of its eNB, as JSON, to be compared with a later one: everything but what distinguishes two
 * bundles of the same content, and the sealed part, which nobody but the eNB can read. Certificates are their SHA-256.
 */
export function issuedContent(configuration: Configuration): string {
  const { format: _, bundleId: __, sequence: ___, issuedAt: ____, sealed: _____, ...content } = configuration;
  const digest = (root: string) => hash('sha256', Buffer.from(root, 'base64'));
  return JSON.stringify({
    ...content,
    operatorRootCertificates: content.operatorRootCertificates.map(digest),
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
    if (was === is) return [];
    return [{ field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

/** The values of a JSON document by their paths. */
function flattened(json: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (Array.isArray(value) && value.some((one) => typeof one === 'object'))
      for (const [index, one] of value.entries()) add(`${path}[${index}]`, one);
    else if (Array.isArray(value)) values.set(path, value.map(String).join(', '));
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) add(path === '' ? name : `${path}.${name}`, one);
    else values.set(path, String(value));
  };
  add('', JSON.parse(json));
  return values;
}
