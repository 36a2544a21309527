import { decode, der, oids, tags } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import {
  isSelfIssued,
  nameToText,
  parseCertificate,
  parseCrl,
  plainSpki,
  validateCertificate,
  verifySignature,
  type Certificate,
  type Crl,
} from '../pki/index.ts';
import { contents } from './body.ts';
import { converse, type CmpFaultCode } from './client-conversation.ts';
import { ClientTransaction, isCa } from './client-transaction.ts';
import type { Credentials } from './credentials.ts';
import type { Info } from './header.ts';
import type { Peer } from './peer.ts';

/** The CA certificates that the RA/CA offers (RFC 9483 section 4.3.1). They are not trusted by that. */
export async function caCertificates(
  peer: Peer,
  credentials?: Credentials,
): Promise<Result<readonly Certificate[], CmpFaultCode>> {
  const answer = await ask(peer, credentials, { type: oids.caCertsInfo }, oids.caCertsInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequenceOfSome((inner) => inner.element(tags.sequence).bytes),
  );
  return read.ok ? parseAll(read.value ?? []) : read;
}

/** A new root that the RA/CA announces, which the old one has signed. It is a proposal for the user. */
export interface RootUpdate {
  readonly newRoot: Certificate;
  /** The new root's key, certified by the old root. */
  readonly newWithOld: Certificate;
}

/**
 * Asks whether a root has a successor (RFC 9483 section 4.3.2). The successor is verified: the old root certifies its
 * key as that of a CA (newWithOld). It is proposed, never taken. Undefined if the RA/CA knows of none.
 */
export async function rootUpdate(
  peer: Peer,
  oldRoot: Certificate,
  credentials?: Credentials,
): Promise<Result<RootUpdate | undefined, CmpFaultCode>> {
  const question = { type: oids.rootCaCertInfo, value: oldRoot.der };
  const answer = await ask(peer, credentials, question, oids.rootCaKeyUpdateInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequence((inner) => {
      const newWithNew = inner.element(tags.sequence).bytes;
      const newWithOld = inner.optional(0xa0, () =>
        inner.explicit(0, (one) => one.element(tags.sequence).bytes),
      );
      inner.optional(0xa1, () => inner.element());
      return [newWithNew, newWithOld] as const;
    }),
  );
  if (!read.ok) return read;
  if (!read.value) return ok(undefined);
  const [newWithNew, newWithOld] = read.value;
  if (!newWithOld) return refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old' });
  const certificates = parseAll([newWithNew, newWithOld]);
  if (!certificates.ok) return certificates;
  const [newRoot, linked] = certificates.value;
  return newRoot && linked ? judgeRootUpdate(newRoot, linked, oldRoot, peer) : ok(undefined);
}

function judgeRootUpdate(
  newRoot: Certificate,
  newWithOld: Certificate,
  oldRoot: Certificate,
  { clock }: Peer,
): Result<RootUpdate, CmpFaultCode> {
  const where = { certificate: nameToText(newRoot.subject) };
  const isLinked =
    Buffer.compare(plainSpki(newRoot.publicKey), plainSpki(newWithOld.publicKey)) === 0 &&
    newRoot.subject.key === newWithOld.subject.key &&
    [newRoot, newWithOld].every(isCa) &&
    isSelfIssued(newRoot) &&
    verifySignature(newRoot.signatureAlgorithm, newRoot.publicKey, newRoot.tbs, newRoot.signature);
  if (!isLinked) return refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old', where });
  const question = { intermediates: [], crls: [], requireCrl: false, clock: clock() };
  const linked = validateCertificate({ ...question, target: newWithOld, trustAnchors: [oldRoot] });
  const path = linked.ok
    ? validateCertificate({ ...question, target: newRoot, trustAnchors: [newRoot] })
    : linked;
  return path.ok
    ? ok({ newRoot, newWithOld })
    : refuse('cmp-certificate-unfit', { rule: 'cmp-new-with-old', because: path.fault, where });
}

/** The CRLs of the CA (RFC 9483 section 4.3.4) that are newer than `since`. */
export async function currentCrls(
  peer: Peer,
  ca: Certificate,
  since?: Date,
  credentials?: Credentials,
): Promise<Result<readonly Crl[], CmpFaultCode>> {
  const issuer = der.explicit(1, der.sequence(der.explicit(4, ca.subject.der)));
  const status = der.sequence(der.sequence(issuer, ...(since ? [der.time(since)] : [])));
  const answer = await ask(peer, credentials, { type: oids.crlStatusListInfo, value: status }, oids.crlsInfo);
  if (!answer.ok) return answer;
  const read = readInfoValue(answer.value, (reader) =>
    reader.sequenceOfSome((inner) => inner.element(tags.sequence).bytes),
  );
  if (!read.ok) return read;
  const crls: Crl[] = [];
  for (const bytes of read.value ?? []) {
    const crl = parseCrl(bytes);
    if (!crl.ok) return refuse('cmp-malformed', { because: crl.fault });
    crls.push(crl.value);
  }
  return ok(crls);
}

/** Asks one question of genm, and returns the answer of this type. */
async function ask(
  peer: Peer,
  credentials: Credentials | undefined,
  question: Info,
  type: string,
): Promise<Result<Info, CmpFaultCode>> {
  const transaction = new ClientTransaction(peer, credentials);
  const body = { type: 'genm', content: contents.infos(question) } as const;
  const answer = await converse(peer, transaction, body, 'genp');
  if (!answer.ok) return answer;
  const infos = answer.value.type === 'genp' ? answer.value.infos : [];
  const info =
    infos.find((one) => one.type === type) ?? infos.find((one) => one.type === question.type && !one.value);
  return info ? ok(info) : refuse('cmp-unexpected', { rule: 'cmp-body', found: infos[0]?.type ?? 'genp' });
}

function readInfoValue<Value>(
  { value }: Info,
  read: Parameters<typeof decode<Value>>[1],
): Result<Value | undefined, 'cmp-malformed'> {
  if (!value) return ok(undefined);
  const decoded = decode(value, read);
  return decoded.ok ? decoded : refuse('cmp-malformed', { because: decoded.fault });
}

function parseAll(encodings: readonly Uint8Array[]): Result<readonly Certificate[], 'cmp-malformed'> {
  const certificates: Certificate[] = [];
  for (const bytes of encodings) {
    const certificate = parseCertificate(bytes);
    if (!certificate.ok) return refuse('cmp-malformed', { because: certificate.fault });
    certificates.push(certificate.value);
  }
  return ok(certificates);
}
