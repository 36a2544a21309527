import { isIP } from 'node:net';
import { der, toText, type DerReader } from '../asn1/index.ts';
import { readName, type Name } from './name.ts';

/** A GeneralName (RFC 5280 section 4.2.1.6). Forms that Siteseal does not use keep their tag and contents. */
export type GeneralName =
  | { readonly kind: 'other'; readonly type: string; readonly value: Uint8Array }
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'directory'; readonly name: Name }
  | { readonly kind: 'unsupported'; readonly tag: number; readonly value: Uint8Array };

const textForms: Readonly<Record<number, 'email' | 'dns' | 'uri'>> = {
  0x81: 'email',
  0x82: 'dns',
  0x86: 'uri',
};

/** Reads one GeneralName. Throws `DerError` if a text form is not printable ASCII. */
export function readGeneralName(reader: DerReader): GeneralName {
  const tag = reader.nextTag ?? 0;
  if (tag === 0xa0) {
    return reader.constructed(0xa0, (inner) => {
      const type = inner.oid();
      return { kind: 'other', type, value: inner.explicit(0, (value) => value.element().bytes) };
    });
  }
  if (tag === 0xa4) return reader.explicit(4, (inner) => ({ kind: 'directory', name: readName(inner) }));
  const { contents } = reader.element();
  const kind = textForms[tag];
  if (!kind) return { kind: 'unsupported', tag, value: contents };
  const text = toText(contents, 'latin1');
  if (!/^[\x20-\x7e]*$/.test(text)) reader.fail('der-string');
  return { kind, text };
}

export function readGeneralNames(reader: DerReader): readonly GeneralName[] {
  return reader.restSome(readGeneralName);
}

const writers: Readonly<Record<string, (value: string) => Uint8Array | undefined>> = {
  email: (value) => der.implicit(1, der.ia5String(value)),
  dns: (value) => der.implicit(2, der.ia5String(value)),
  uri: (value) => der.implicit(6, der.ia5String(value)),
  ip: (value) => {
    const octets = addressOctets(value);
    return octets && der.implicit(7, der.octetString(octets));
  },
};

/**
 * DER of GeneralNames from their texts: `dns:`, `ip:`, `email:` or `uri:` and the name in ASCII, as a configuration
 * writes them. Undefined if one of them is something else, or without any.
 */
export function writeGeneralNames(texts: readonly string[]): Uint8Array | undefined {
  const names = texts.map((text) => {
    const [, form = '', value = ''] = /^([a-z]+):([\x21-\x7e]+)$/.exec(text) ?? [];
    return writers[form]?.(value);
  });
  const written = names.filter((name) => name !== undefined);
  return written.length > 0 && written.length === names.length ? der.sequence(...written) : undefined;
}

/** The bytes of an IPv4 or IPv6 address; undefined for any other text. */
function addressOctets(text: string): Uint8Array | undefined {
  if (isIP(text) === 4) return Uint8Array.from(text.split('.').map(Number));
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part = '') => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - first.length - last.length).fill(0);
  return Uint8Array.from([...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]));
}

/** The text of a name, as `writeGeneralNames` reads it; undefined for forms that have none. */
export function generalNameToText(name: GeneralName): string | undefined {
  switch (name.kind) {
    case 'email':
    case 'dns':
    case 'uri':
      return `${name.kind}:${name.text}`;
    case 'unsupported':
      return name.tag === 0x87 ? addressText(name.value) : undefined;
    case 'directory':
    case 'other':
      return undefined;
  }
}

function addressText(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return `ip:${octets.join('.')}`;
  if (octets.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => ((octets[2 * at] ?? 0) << 8) | (octets[2 * at + 1] ?? 0));
  return `ip:${new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1)}`;
}
