import { toText, type DerReader } from '../asn1/index.ts';
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
