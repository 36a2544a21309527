import { contextTag, decode, der, tags, type DerFaultCode } from '../asn1/index.ts';
import { refuse, type Result } from '../faults/index.ts';
import { readBody, textsOf, writeBody, type Body, type OutgoingBody } from './body.ts';
import { readHeader, writeHeader, type Header } from './header.ts';

/** The largest message, in bytes. Larger ones are refused unread. */
export const maximumMessage = 1024 * 1024;

/** PKIMessage (RFC 9810 section 5.1), read but not judged. Bytes are views of the message. */
export interface Message {
  readonly header: Header;
  readonly body: Body;
  /** DER of the ProtectedPart: header and body. */
  readonly protectedPart: Uint8Array;
  readonly protection?: Uint8Array;
  /** DER of the certificates in extraCerts, which nothing protects. */
  readonly extraCerts: readonly Uint8Array[];
}

/** Reads one message in DER. It may be of any version, and protected or not. */
export function readMessage(bytes: Uint8Array): Result<Message, 'cmp-malformed'> {
  if (bytes.length > maximumMessage)
    return refuse('cmp-malformed', { rule: 'cmp-size', found: String(bytes.length) });
  const message = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      const header = inner.withBytes(readHeader);
      const body = inner.withBytes(readBody);
      const protection = inner.optional(contextTag(0), () =>
        inner.explicit(0, (value) => value.bitStringOctets()),
      );
      const extraCerts = inner.optional(contextTag(1), () =>
        inner.explicit(1, (list) => list.sequenceOfSome((item) => item.element(tags.sequence).bytes)),
      );
      return {
        header: header.value,
        body: body.value,
        protectedPart: der.sequence(header.bytes, body.bytes),
        ...(protection && { protection }),
        extraCerts: extraCerts ?? [],
      };
    }),
  );
  return message.ok ? message : malformed(message.fault);
}

function malformed(because: { readonly code: DerFaultCode }): Result<never, 'cmp-malformed'> {
  return refuse('cmp-malformed', { because });
}

/** A message before its protection: the DER of what is protected. */
export function writeProtectedPart(header: Header, body: OutgoingBody): Uint8Array {
  return der.sequence(writeHeader(header), writeBody(body));
}

/** DER of a message. */
export function writeMessage(
  protectedPart: Uint8Array,
  protection: Uint8Array | undefined,
  extraCerts: readonly Uint8Array[],
): Uint8Array {
  const parts = decode(protectedPart, (reader) => reader.element(tags.sequence).contents);
  if (!parts.ok) throw new Error('A message that is not DER was written');
  return der.sequence(
    parts.value,
    ...(protection ? [der.explicit(0, der.bitString(protection))] : []),
    ...(extraCerts.length > 0 ? [der.explicit(1, der.sequence(...extraCerts))] : []),
  );
}

/**
 * What a message says to people: texts and failInfo of any PKIMessage, of any version, in any answer. Empty for bytes
 * that are no message. Nobody has authenticated it.
 */
export function saidIn(bytes: Uint8Array): string {
  const message = readMessage(bytes);
  if (!message.ok) return '';
  const { header, body } = message.value;
  return [...textsOf(body), ...(header.freeText ?? [])].join('; ').slice(0, 1000);
}
