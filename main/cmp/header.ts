import { contextTag, decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { readGeneralName, readName, type Name } from '../pki/index.ts';
import { readFreeText, writeFreeText } from './status.ts';

/** The sender or recipient of a message: a GeneralName. */
export interface Party {
  readonly der: Uint8Array;
  /** The name, if it is a directoryName. */
  readonly name: Name | undefined;
}

/** InfoTypeAndValue (RFC 9810 section 5.1.1): an OID, and DER whose type the OID fixes. */
export interface Info {
  readonly type: string;
  readonly value?: Uint8Array;
}

/** PKIHeader (RFC 9810 section 5.1.1). Bytes are views of the message. */
export interface Header {
  readonly pvno: number;
  readonly sender: Party;
  readonly recipient: Party;
  readonly messageTime?: Date;
  /** DER of the AlgorithmIdentifier. */
  readonly protectionAlgorithm?: Uint8Array;
  readonly senderKid?: Uint8Array;
  readonly recipKid?: Uint8Array;
  readonly transactionId?: Uint8Array;
  readonly senderNonce?: Uint8Array;
  readonly recipNonce?: Uint8Array;
  readonly freeText?: readonly string[];
  readonly generalInfo?: readonly Info[];
}

/** The version that is spoken where nothing needs a newer one: cmp2000. */
export const cmp2000 = 2;
/** The version in which a message can name the hash of a certConf: cmp2021. */
export const cmp2021 = 3;

/** A party with this name. */
export function party(name: Name): Party {
  return { der: der.explicit(4, name.der), name };
}

/** The longest value of a name that is read, in bytes. */
const longestValue = 1024;

/**
 * The name of the holder of a credential: its reference as a common name (RFC 9483 section 3.1). A reference is bytes of
 * any length, and an RA/CA finds it by the senderKID.
 */
export function nameOfReference(reference: Uint8Array): Name {
  const value = der.element(tags.utf8String, reference.subarray(0, longestValue));
  const encoded = der.sequence(der.setOf([der.sequence(der.oid(oids.commonName), value)]));
  const name = decode(encoded, readName);
  if (!name.ok) throw new Error('A reference is not a name');
  return name.value;
}

/** A party that is not named: the NULL-DN, an empty sequence of RDNs. */
export const nobody: Party = { der: der.explicit(4, der.sequence()), name: undefined };

/** The NULL-DN, which names nobody: an empty sequence of RDNs. */
export function isNullDn({ name }: Party): boolean {
  return name?.rdns.length === 0;
}

/** Reads a PKIHeader. Throws `DerError`. */
export function readHeader(reader: DerReader): Header {
  return reader.sequence((inner) => {
    const pvno = inner.smallInteger();
    const sender = readParty(inner);
    const recipient = readParty(inner);
    const octets = (number: number) => field(inner, number, (value) => value.octetString());
    const time = field(inner, 0, (value) => {
      if (value.nextTag !== tags.generalizedTime) value.fail('der-tag');
      return value.time();
    });
    const protectionAlgorithm = field(inner, 1, (value) => value.element(tags.sequence).bytes);
    const senderKid = octets(2);
    const recipKid = octets(3);
    const transactionId = octets(4);
    const senderNonce = octets(5);
    const recipNonce = octets(6);
    const freeText = field(inner, 7, readFreeText);
    const generalInfo = field(inner, 8, (value) => value.sequenceOfSome(readInfo));
    return {
      pvno,
      sender,
      recipient,
      ...(time && { messageTime: time }),
      ...(protectionAlgorithm && { protectionAlgorithm }),
      ...(senderKid && { senderKid }),
      ...(recipKid && { recipKid }),
      ...(transactionId && { transactionId }),
      ...(senderNonce && { senderNonce }),
      ...(recipNonce && { recipNonce }),
      ...(freeText && { freeText }),
      ...(generalInfo && { generalInfo }),
    };
  });
}

/** An OPTIONAL field under an EXPLICIT tag, as the module of CMP has them. */
function field<Value>(
  reader: DerReader,
  number: number,
  read: (inner: DerReader) => Value,
): Value | undefined {
  return reader.optional(contextTag(number), () => reader.explicit(number, read));
}

function readParty(reader: DerReader): Party {
  const { bytes, value } = reader.withBytes(readGeneralName);
  return { der: bytes, name: value.kind === 'directory' ? value.name : undefined };
}

export function readInfo(reader: DerReader): Info {
  return reader.sequence((inner) => {
    const type = inner.oid();
    return inner.done ? { type } : { type, value: inner.element().bytes };
  });
}

export function writeInfo({ type, value }: Info): Uint8Array {
  return der.sequence(der.oid(type), ...(value ? [value] : []));
}

/** DER of a PKIHeader. */
export function writeHeader(header: Header): Uint8Array {
  const octets = (number: number, value: Uint8Array | undefined) =>
    value ? [der.explicit(number, der.octetString(value))] : [];
  const { messageTime, protectionAlgorithm, freeText, generalInfo = [] } = header;
  return der.sequence(
    der.integer(header.pvno),
    header.sender.der,
    header.recipient.der,
    ...(messageTime ? [der.explicit(0, der.generalizedTime(messageTime))] : []),
    ...(protectionAlgorithm ? [der.explicit(1, protectionAlgorithm)] : []),
    ...octets(2, header.senderKid),
    ...octets(3, header.recipKid),
    ...octets(4, header.transactionId),
    ...octets(5, header.senderNonce),
    ...octets(6, header.recipNonce),
    ...(freeText ? [der.explicit(7, writeFreeText(freeText))] : []),
    ...(generalInfo.length > 0 ? [der.explicit(8, der.sequence(...generalInfo.map(writeInfo)))] : []),
  );
}

/** The value of an InfoTypeAndValue of this type in the header; undefined if it is missing. */
export function infoOf({ generalInfo = [] }: Header, type: string): Info | undefined {
  return generalInfo.find((info) => info.type === type);
}

/** Bytes of the header as lower-case hex; empty if they are absent. */
export function hexOf(bytes: Uint8Array | undefined): string {
  return bytes ? toText(bytes, 'hex') : '';
}
