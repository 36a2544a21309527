import { contextTag, der, oids, tags, type DerReader } from '../asn1/index.ts';
import { readHash, writeHash, type Hash } from '../pki/index.ts';
import {
  readCertReqMsg,
  readRequestId,
  readTemplate,
  writeRequestId,
  type CertReqMsg,
  type CertTemplate,
} from './crmf.ts';
import { readInfo, writeInfo, type Info } from './header.ts';
import { readFreeText, readStatusInfo, writeFreeText, writeStatusInfo, type StatusInfo } from './status.ts';

/** CertStatus of a certConf (RFC 9810 section 5.3.18). */
export interface CertStatus {
  readonly certHash: Uint8Array;
  readonly certReqId: number;
  /** Absent means accepted. */
  readonly statusInfo?: StatusInfo;
  /** The digest of certHash, where the certificate's signature names none: only in cmp2021. */
  readonly hashAlgorithm?: Hash | 'unsupported';
}

/** CertResponse (RFC 9810 section 5.3.4). */
export interface CertResponse {
  readonly certReqId: number;
  readonly status: StatusInfo;
  /** DER of the certificate; absent without one, or if it is encrypted. */
  readonly certificate?: Uint8Array;
  /** Whether the answer holds an encrypted certificate or a private key, which this product never asks for. */
  readonly hasEncrypted?: boolean;
}

/** RevDetails: a certificate that is to be revoked. */
export interface RevDetails {
  readonly template: CertTemplate;
  /** CRLReason (RFC 5280 section 5.3.1); undefined if the request gives none. */
  readonly reason?: number;
  readonly hasSeveralReasons?: boolean;
}

/** One PollRep. */
export interface PollResponse {
  readonly certReqId: number;
  /** Seconds to wait. */
  readonly checkAfter: number;
  readonly reason: readonly string[];
}

/** PKIBody (RFC 9810 section 5.1.2), with the types that this product speaks. */
export type Body =
  | { readonly type: 'ir' | 'cr' | 'kur'; readonly requests: readonly CertReqMsg[] }
  /** DER of a PKCS#10 CertificationRequest. */
  | { readonly type: 'p10cr'; readonly request: Uint8Array }
  | {
      readonly type: 'ip' | 'cp' | 'kup';
      /** DER of the certificates in caPubs. They are never trusted. */
      readonly caPubs: readonly Uint8Array[];
      readonly responses: readonly CertResponse[];
    }
  | { readonly type: 'rr'; readonly revocations: readonly RevDetails[] }
  | { readonly type: 'rp'; readonly statuses: readonly StatusInfo[] }
  | { readonly type: 'pkiconf' }
  | { readonly type: 'genm' | 'genp'; readonly infos: readonly Info[] }
  | {
      readonly type: 'error';
      readonly status: StatusInfo;
      readonly errorCode?: number;
      readonly details: readonly string[];
    }
  | { readonly type: 'certConf'; readonly statuses: readonly CertStatus[] }
  | { readonly type: 'pollReq'; readonly ids: readonly number[] }
  | { readonly type: 'pollRep'; readonly responses: readonly PollResponse[] }
  /** Any other type, by its tag number. */
  | { readonly type: 'other'; readonly number: number };

export type BodyType = Body['type'];

const numbers = {
  ir: 0,
  ip: 1,
  cr: 2,
  cp: 3,
  p10cr: 4,
  kur: 7,
  kup: 8,
  rr: 11,
  rp: 12,
  pkiconf: 19,
  genm: 21,
  genp: 22,
  error: 23,
  certConf: 24,
  pollReq: 25,
  pollRep: 26,
} as const satisfies Readonly<Record<Exclude<BodyType, 'other'>, number>>;

const types: ReadonlyMap<number, Exclude<BodyType, 'other'>> = new Map(
  Object.entries(numbers).map(([type, number]) => [number, type as Exclude<BodyType, 'other'>]),
);

/** Reads the body: the content under its tag, which is EXPLICIT. */
export function readBody(reader: DerReader): Body {
  const tag = reader.nextTag ?? reader.fail('der-truncated');
  const number = tag & 0x1f;
  const type = types.get(number);
  if ((tag & 0xe0) !== 0xa0) reader.fail('der-tag');
  if (type === undefined) {
    reader.element();
    return { type: 'other', number };
  }
  return reader.explicit(number, (inner) => readContent(type, inner));
}

function readContent(type: Exclude<BodyType, 'other'>, reader: DerReader): Body {
  switch (type) {
    case 'ir':
    case 'cr':
    case 'kur':
      return { type, requests: reader.sequenceOfSome(readCertReqMsg) };
    case 'p10cr':
      return { type, request: reader.element(tags.sequence).bytes };
    case 'ip':
    case 'cp':
    case 'kup':
      return reader.sequence((inner) => ({
        type,
        caPubs:
          inner.optional(contextTag(1), () =>
            inner.explicit(1, (list) => list.sequenceOfSome((item) => item.element(tags.sequence).bytes)),
          ) ?? [],
        responses: inner.sequenceOf(readCertResponse),
      }));
    case 'rr':
      return { type, revocations: reader.sequenceOfSome(readRevDetails) };
    case 'rp':
      return reader.sequence((inner) => {
        const statuses = inner.sequenceOfSome(readStatusInfo);
        inner.rest(() => inner.element()); // revCerts and crls
        return { type, statuses };
      });
    case 'pkiconf':
      reader.null();
      return { type };
    case 'genm':
    case 'genp':
      return { type, infos: reader.sequenceOf(readInfo) };
    case 'error':
      return reader.sequence((inner) => {
        const status = readStatusInfo(inner);
        const errorCode = inner.optional(tags.integer, () => inner.element());
        const details = inner.optional(tags.sequence, () => readFreeText(inner)) ?? [];
        return { type, status, details, ...(errorCode && { errorCode: lowBits(errorCode.contents) }) };
      });
    case 'certConf':
      return { type, statuses: reader.sequenceOf(readCertStatus) };
    case 'pollReq':
      return { type, ids: reader.sequenceOfSome((inner) => inner.sequence(readRequestId)) };
    case 'pollRep':
      return { type, responses: reader.sequenceOfSome(readPollResponse) };
  }
}

/** An error code is any INTEGER, and means nothing to us: as much of it as a number holds. */
function lowBits(octets: Uint8Array): number {
  return octets.slice(-4).reduce((value, octet) => value * 256 + octet, 0);
}

function readCertResponse(reader: DerReader): CertResponse {
  return reader.sequence((inner) => {
    const certReqId = readRequestId(inner);
    const status = readStatusInfo(inner);
    const pair = inner.optional(tags.sequence, () => inner.sequence(readCertifiedKeyPair)) ?? {};
    inner.optional(tags.octetString, () => inner.element()); // rspInfo
    return { certReqId, status, ...pair };
  });
}

function readCertifiedKeyPair(
  reader: DerReader,
): Partial<Pick<CertResponse, 'certificate' | 'hasEncrypted'>> {
  const certificate = reader.optional(contextTag(0), () =>
    reader.explicit(0, (inner) => inner.element(tags.sequence).bytes),
  );
  // encryptedCert, privateKey or publicationInfo: only the last beside a certificate is harmless.
  const others = reader.rest((inner) => inner.element().tag);
  const hasEncrypted = others.some((tag) => tag !== contextTag(1) || !certificate);
  return { ...(certificate && { certificate }), ...(hasEncrypted && { hasEncrypted }) };
}

function readRevDetails(reader: DerReader): RevDetails {
  return reader.sequence((inner) => {
    const template = readTemplate(inner);
    const [reason, ...others] = inner.optional(tags.sequence, () => readReasons(inner)) ?? [];
    if (reason === undefined) return { template };
    return { template, reason, ...(others.length > 0 && { hasSeveralReasons: true }) };
  });
}

/** The extensions reasonCode of crlEntryDetails (RFC 5280 section 5.3.1); others are ignored. */
function readReasons(reader: DerReader): readonly number[] {
  const reasons = reader.sequenceOfSome((item) =>
    item.sequence((inner) => {
      const isReason = inner.oid() === oids.reasonCode;
      inner.optional(tags.boolean, () => inner.boolean());
      return inner.constructed(tags.octetString, (value) =>
        isReason ? value.smallInteger(tags.enumerated) : (value.element(), undefined),
      );
    }),
  );
  return reasons.filter((reason) => reason !== undefined);
}

function readCertStatus(reader: DerReader): CertStatus {
  return reader.sequence((inner) => {
    const certHash = inner.octetString();
    const certReqId = readRequestId(inner);
    const statusInfo = inner.optional(tags.sequence, () => readStatusInfo(inner));
    const hashAlgorithm = inner.optional(
      contextTag(0),
      () => inner.explicit(0, readHash) ?? ('unsupported' as const),
    );
    return {
      certHash,
      certReqId,
      ...(statusInfo && { statusInfo }),
      ...(hashAlgorithm && { hashAlgorithm }),
    };
  });
}

function readPollResponse(reader: DerReader): PollResponse {
  return reader.sequence((inner) => ({
    certReqId: readRequestId(inner),
    checkAfter: inner.smallInteger(),
    reason: inner.optional(tags.sequence, () => readFreeText(inner)) ?? [],
  }));
}

/** The bodies that are written: their content as DER. */
export type OutgoingBody = { readonly type: Exclude<BodyType, 'other'>; readonly content: Uint8Array };

/** The body under its tag. */
export function writeBody({ type, content }: OutgoingBody): Uint8Array {
  return der.explicit(numbers[type], content);
}

/** The contents of bodies, by their type. */
export const contents = {
  requests: (...requests: readonly Uint8Array[]) => der.sequence(...requests),

  /** CertRepMessage with one response. */
  certRep: ({ certReqId, status, certificate }: CertResponse, caPubs: readonly Uint8Array[] = []) =>
    der.sequence(
      ...(caPubs.length > 0 ? [der.explicit(1, der.sequence(...caPubs))] : []),
      der.sequence(
        der.sequence(
          writeRequestId(certReqId),
          writeStatusInfo(status),
          ...(certificate ? [der.sequence(der.explicit(0, certificate))] : []),
        ),
      ),
    ),

  /** RevReqContent for one certificate. */
  revReq: (template: Uint8Array, reason: number) =>
    der.sequence(
      der.sequence(
        template,
        der.sequence(
          der.sequence(
            der.oid(oids.reasonCode),
            der.octetString(der.element(tags.enumerated, Uint8Array.of(reason))),
          ),
        ),
      ),
    ),

  pkiconf: der.null,

  revRep: (status: StatusInfo) => der.sequence(der.sequence(writeStatusInfo(status))),

  certConf: ({ certHash, certReqId, statusInfo, hashAlgorithm }: CertStatus) =>
    der.sequence(
      der.sequence(
        der.octetString(certHash),
        writeRequestId(certReqId),
        ...(statusInfo ? [writeStatusInfo(statusInfo)] : []),
        ...(hashAlgorithm && hashAlgorithm !== 'unsupported'
          ? [der.explicit(0, writeHash(hashAlgorithm))]
          : []),
      ),
    ),

  pollReq: (certReqId: number) => der.sequence(der.sequence(writeRequestId(certReqId))),

  pollRep: ({ certReqId, checkAfter, reason }: PollResponse) =>
    der.sequence(
      der.sequence(
        writeRequestId(certReqId),
        der.integer(checkAfter),
        ...(reason.length > 0 ? [writeFreeText(reason)] : []),
      ),
    ),

  infos: (...infos: readonly Info[]) => der.sequence(...infos.map(writeInfo)),

  error: (status: StatusInfo) => der.sequence(writeStatusInfo(status)),
} as const;

/** The texts of a message for people: of its status, of an error, of its header. Foreign input, to be shown as such. */
export function textsOf(body: Body): readonly string[] {
  return statusesOf(body).flatMap(({ texts, failInfo = [] }): readonly string[] => {
    if (texts.length === 0) return failInfo;
    const names = failInfo.length > 0 ? ` (${failInfo.join(', ')})` : '';
    return [`${texts.join(' ')}${names}`];
  });
}

/** Every status that a body gives. */
export function statusesOf(body: Body): readonly StatusInfo[] {
  switch (body.type) {
    case 'ip':
    case 'cp':
    case 'kup':
      return body.responses.map(({ status }) => status);
    case 'rp':
      return body.statuses;
    case 'error':
      return [{ ...body.status, texts: [...body.status.texts, ...body.details] }];
    default:
      return [];
  }
}
