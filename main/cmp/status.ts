import { der, tags, toText, type DerReader } from '../asn1/index.ts';

/** PKIStatus (RFC 9810 section 5.2.3). */
export const pkiStatus = {
  accepted: 0,
  grantedWithMods: 1,
  rejection: 2,
  waiting: 3,
  revocationWarning: 4,
  revocationNotification: 5,
  keyUpdateWarning: 6,
} as const;

/** Bits of PKIFailureInfo (RFC 9810 section 5.2.3). */
export const failInfo = {
  badAlg: 0,
  badMessageCheck: 1,
  badRequest: 2,
  badTime: 3,
  badCertId: 4,
  badDataFormat: 5,
  wrongAuthority: 6,
  incorrectData: 7,
  missingTimeStamp: 8,
  badPOP: 9,
  certRevoked: 10,
  certConfirmed: 11,
  wrongIntegrity: 12,
  badRecipientNonce: 13,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  badSenderNonce: 18,
  badCertTemplate: 19,
  signerNotTrusted: 20,
  transactionIdInUse: 21,
  unsupportedVersion: 22,
  notAuthorized: 23,
  systemUnavail: 24,
  systemFailure: 25,
  duplicateCertReq: 26,
} as const;
export type FailInfo = keyof typeof failInfo;

const failInfoByBit = new Map<number, FailInfo>(
  Object.entries(failInfo).map(([name, bit]) => [bit, name as FailInfo]),
);

/** PKIStatusInfo (RFC 9810 section 5.2.3). */
export interface StatusInfo {
  readonly status: number;
  /** Texts for people, as the peer wrote them. */
  readonly texts: readonly string[];
  /** The known bits of failInfo, lowest first; undefined if there is none. */
  readonly failInfo?: readonly FailInfo[];
}

/** The status of a request that is granted. */
export const accepted: StatusInfo = { status: pkiStatus.accepted, texts: [] };

/** A refusal for one reason, with a text that helps. */
export function rejection(reason: FailInfo, text: string): StatusInfo {
  return { status: pkiStatus.rejection, texts: [text], failInfo: [reason] };
}

export function readStatusInfo(reader: DerReader): StatusInfo {
  return reader.sequence((inner) => {
    const status = inner.smallInteger();
    const texts = inner.optional(tags.sequence, () => readFreeText(inner)) ?? [];
    const bits = inner.optional(tags.bitString, () => inner.namedBits());
    const names = bits && [...bits].flatMap((bit) => failInfoByBit.get(bit) ?? []);
    return { status, texts, ...(names && { failInfo: names }) };
  });
}

export function writeStatusInfo({ status, texts, failInfo: names }: StatusInfo): Uint8Array {
  return der.sequence(
    der.integer(status),
    ...(texts.length > 0 ? [writeFreeText(texts)] : []),
    ...(names ? [der.namedBits(names.map((name) => failInfo[name]))] : []),
  );
}

/** PKIFreeText: UTF8Strings for people. Other encodings of text than UTF-8 are shown with replacement characters. */
export function readFreeText(reader: DerReader): readonly string[] {
  return reader.sequenceOfSome((inner) => toText(inner.element(tags.utf8String).contents, 'utf8'));
}

export function writeFreeText(texts: readonly string[]): Uint8Array {
  return der.sequence(...texts.map(der.utf8String));
}
