import { der, tags, toText, type DerReader } from '../asn1/index.ts';
import { failureInfo, type FailureName } from './failure-info.ts';

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

/** PKIStatusInfo (RFC 9810 section 5.2.3). */
export interface StatusInfo {
  readonly status: number;
  /** Texts for people, as the peer wrote them. */
  readonly texts: readonly string[];
  /** The known bits of failInfo, lowest first; undefined without a failInfo. */
  readonly failInfo?: readonly FailureName[];
}

/** The status of a request that is granted. */
export const accepted: StatusInfo = { status: pkiStatus.accepted, texts: [] };

/** The status of a request that is granted, but not as it was asked. */
export const grantedWithMods: StatusInfo = { status: pkiStatus.grantedWithMods, texts: [] };

/** How the text of an RA/CA begins that refuses a credential because it is bound to another key. */
export const boundElsewhere = 'credential-bound-elsewhere';

/** A refusal for one reason, with a text that helps. */
export function rejection(reason: FailureName, text: string): StatusInfo {
  return { status: pkiStatus.rejection, texts: [text], failInfo: [reason] };
}

/** Reads a PKIStatusInfo. Throws `DerError`. Unknown bits of failInfo are left out. */
export function readStatusInfo(reader: DerReader): StatusInfo {
  return reader.sequence((inner) => {
    const status = inner.smallInteger();
    const texts = inner.optional(tags.sequence, () => readFreeText(inner)) ?? [];
    const bits = inner.optional(tags.bitString, () => inner.namedBits());
    const names = bits && [...bits].flatMap((bit) => failureInfo[bit]?.[0] ?? []);
    return { status, texts, ...(names && { failInfo: names }) };
  });
}

/** DER of a PKIStatusInfo. */
export function writeStatusInfo({ status, texts, failInfo: names }: StatusInfo): Uint8Array {
  return der.sequence(
    der.integer(status),
    ...(texts.length > 0 ? [writeFreeText(texts)] : []),
    ...(names ? [der.namedBits(names.map(bitOf))] : []),
  );
}

function bitOf(name: FailureName): number {
  return failureInfo.findIndex(([known]) => known === name);
}

/** PKIFreeText: UTF8Strings for people. Other encodings of text than UTF-8 are shown with replacement characters. */
export function readFreeText(reader: DerReader): readonly string[] {
  return reader.sequenceOfSome((inner) => toText(inner.element(tags.utf8String).contents, 'utf8'));
}

export function writeFreeText(texts: readonly string[]): Uint8Array {
  return der.sequence(...texts.map(der.utf8String));
}
