import { count, fill, words } from '../../app/words.ts';

/** Names of values, by their place in the configuration. */
type Names = Readonly<{ [member: string]: string | Names }>;

/** The name of a value of the configuration; its path, if it has no other. */
export function nameOf(field: string): string {
  const [, index, member = ''] = /^securityGateways\[(\d+)\]\.(.+)$/.exec(field) ?? [];
  const path = index === undefined ? field : `securityGateways.${member}`;
  const name = path
    .split('.')
    .reduce<string | Names | undefined>(
      (names, part) => (typeof names === 'object' && Object.hasOwn(names, part) ? names[part] : undefined),
      words.changes.names,
    );
  const known = typeof name === 'string' ? name : undefined;
  if (index === undefined) return known ?? field;
  return fill(words.changes.gateway, { number: count(Number(index) + 1), name: known ?? member });
}
