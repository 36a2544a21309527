import { decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import {
  parseCertificate,
  readGeneralName,
  type Certificate,
  type GeneralName,
  type Name,
} from '../pki/index.ts';
import { denied, granted, type Judged } from './authority-requester.ts';
import type { Info } from './header.ts';
import type { Issuer, Journal } from './ports.ts';

/** A new root, and the two certificates that link it with the old one (RFC 9810 section 4.4). */
export interface RootSuccessor {
  readonly newWithNew: Certificate;
  readonly newWithOld: Certificate;
  readonly oldWithNew?: Certificate | undefined;
}

/** What the answers to questions are made of. */
export interface InfoSources {
  readonly issuer: Issuer;
  readonly journal: Journal;
  readonly successor: RootSuccessor | undefined;
}

/** The answer to the one question of a genm (RFC 9483 section 4.3). */
export async function answerInfos(infos: readonly Info[], sources: InfoSources): Promise<Judged<Info>> {
  const [question, ...others] = infos;
  if (!question || others.length > 0) return denied('badRequest', 'A message asks exactly one question.');
  switch (question.type) {
    case oids.caCertsInfo:
      return caCerts(question, sources);
    case oids.rootCaCertInfo:
      return rootUpdate(question, sources);
    case oids.crlStatusListInfo:
      return await crls(question, sources);
    case oids.currentCrlInfo:
      return await currentCrl(question, sources);
    case oids.certReqTemplateInfo:
      return certReqTemplate(question);
    case oids.supportedLangTagsInfo:
      return language(question);
    default:
      return denied('badRequest', `The question ${question.type} is not answered here.`);
  }
}

function caCerts({ value }: Info, { issuer }: InfoSources): Judged<Info> {
  if (value) return denied('badRequest', 'The question for CA certificates has no value.');
  const certificates = [issuer.certificate, ...issuer.chain].map((certificate) => certificate.der);
  return granted({ type: oids.caCertsInfo, value: der.sequence(...certificates) });
}

function rootUpdate({ value }: Info, { issuer, successor }: InfoSources): Judged<Info> {
  const type = oids.rootCaKeyUpdateInfo;
  const old = value && parseCertificate(value);
  if (old && !old.ok) return denied('badRequest', 'The old root cannot be read.');
  const root = issuer.chain.at(-1) ?? issuer.certificate;
  const isOurs = !old || old.value.sha256 === root.sha256;
  if (!successor || !isOurs) return granted({ type });
  const { newWithNew, newWithOld, oldWithNew } = successor;
  return granted({
    type,
    value: der.sequence(
      newWithNew.der,
      der.explicit(0, newWithOld.der),
      ...(oldWithNew ? [der.explicit(1, oldWithNew.der)] : []),
    ),
  });
}

/** The one question about CRLs of older clients (RFC 9810 section 5.3.19.6). */
async function currentCrl({ value }: Info, { issuer, journal }: InfoSources): Promise<Judged<Info>> {
  if (value) return denied('badRequest', 'The question for the current CRL has no value.');
  return granted({ type: oids.currentCrlInfo, value: await issuer.makeCrl(journal.revoked()) });
}

/** No value: requests have no form here beyond their registration. */
function certReqTemplate({ value }: Info): Judged<Info> {
  if (value) return denied('badRequest', 'The question for a template has no value.');
  return granted({ type: oids.certReqTemplateInfo });
}

/** The texts are in English: the first English tag of those that the client reads. */
function language({ value }: Info): Judged<Info> {
  const tagsOf = value && decode(value, (reader) => reader.sequenceOfSome(readTag));
  const english = tagsOf?.ok ? tagsOf.value.find((tag) => /^en\b/i.test(tag)) : undefined;
  if (english === undefined)
    return denied('badRequest', 'The question must offer languages. This RA/CA writes English (en).');
  return granted({ type: oids.supportedLangTagsInfo, value: der.sequence(der.utf8String(english)) });
}

function readTag(reader: DerReader): string {
  return toText(reader.element(tags.utf8String).contents, 'utf8');
}

/** The CRL of the CA, if one of the sources is the CA. It is the newest, whichever the client knows. */
async function crls({ value }: Info, { issuer, journal }: InfoSources): Promise<Judged<Info>> {
  const type = oids.crlsInfo;
  const read = value && decode(value, (reader) => reader.sequenceOfSome((item) => item.sequence(readSource)));
  if (!read?.ok) return denied('badRequest', 'The question for revocation lists must name their issuers.');
  const isOurs = read.value.some((names) => names.some((name) => isNamed(name, issuer.certificate.subject)));
  if (!isOurs) return granted({ type });
  return granted({ type, value: der.sequence(await issuer.makeCrl(journal.revoked())) });
}

/** CRLStatus: `dpn` or `issuer`, as names, and the time of the list that is known. */
function readSource(reader: DerReader): readonly GeneralName[] {
  const names =
    reader.nextTag === 0xa0
      ? reader.explicit(0, (inner) =>
          inner.nextTag === 0xa0
            ? inner.constructed(0xa0, (list) => list.restSome(readGeneralName))
            : (inner.element(), []),
        )
      : reader.explicit(1, (inner) => inner.sequence((list) => list.restSome(readGeneralName)));
  const isTime = reader.nextTag === tags.utcTime || reader.nextTag === tags.generalizedTime;
  if (isTime) reader.time();
  return names;
}

function isNamed(name: GeneralName, subject: Name): boolean {
  return name.kind === 'directory' && name.name.key === subject.key;
}
