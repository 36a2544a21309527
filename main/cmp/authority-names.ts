import { decode, oids, toText } from '../asn1/index.ts';
import {
  extension,
  generalNameToText,
  nameToText,
  readGeneralName,
  writeGeneralNames,
  type Certificate,
  type GeneralName,
  type Name,
} from '../pki/index.ts';
import { denied, granted, type Judged, type Requester } from './authority-requester.ts';

/** The names that a certificate gets. */
export interface GoodNames {
  readonly subject: Name;
  readonly subjectAltNames: readonly string[];
  /** Whether they differ from those that were asked for. */
  readonly hasOtherNames: boolean;
}

/**
 * Judges the names that a request asks for: they are those of the registration, or some of them.
 *
 * @param altNames the value of subjectAltName
 */
export function judgeNames(
  subject: Name | undefined,
  altNames: Uint8Array | undefined,
  requester: Requester,
): Judged<GoodNames> {
  const { registration } = requester;
  if (!registration) return denied('notAuthorized', 'This eNB is not registered here any more.');
  const requested = altNames === undefined ? [] : altNamesAsText(altNames);
  if (!requested) return denied('badCertTemplate', 'The subjectAltName has a name that cannot be read.');
  const registered = registration.subjectAltNames.map(canonical);
  const vendors = requester.kind === 'enb' ? namesOf(requester.certificate) : [];
  const wished = requested.filter((name) => registered.includes(name) || !vendors.includes(name));
  const allowed = registration.subject;
  if (!subject || (subject.rdns.length === 0 && (allowed || wished.length === 0)))
    return denied('badCertTemplate', 'The template has no subject.');
  if (allowed && subject.key !== allowed.key) {
    const found = nameToText(subject);
    return denied('badCertTemplate', `The subject is ${found}, and ${nameToText(allowed)} is registered.`);
  }
  const foreign = wished.find((name) => (allowed ? !registered.includes(name) : isOtherName.test(name)));
  if (foreign !== undefined)
    return denied('badCertTemplate', `The name ${foreign} is not registered for this eNB.`);
  const subjectAltNames = allowed ? registration.subjectAltNames : wished;
  return granted({
    subject: allowed ?? subject,
    subjectAltNames,
    hasOtherNames:
      requested.length > 0 &&
      !(wished.length === requested.length && wished.length === subjectAltNames.length),
  });
}

/** A name in the one form that `generalNameToText` gives it. */
function canonical(name: string): string | undefined {
  const written = writeGeneralNames([name]);
  return written && altNamesAsText(written)?.[0];
}

function altNamesAsText(value: Uint8Array): readonly string[] | undefined {
  const names = decode(value, (reader) => reader.sequenceOfSome(readGeneralName));
  const texts = names.ok ? names.value.map(textOf) : [undefined];
  const known = texts.filter((text) => text !== undefined);
  return known.length === texts.length ? known : undefined;
}

/** A name as text. An otherName is its OID and its value in hex. */
function textOf(name: GeneralName): string | undefined {
  return name.kind === 'other' ? `${name.type}:${toText(name.value, 'hex')}` : generalNameToText(name);
}

/** The text of an otherName, which no certificate gets. */
const isOtherName = /^\d/;

/** The alternative names of a vendor's certificate: OpenSSL repeats them in a request that it signs with it. */
function namesOf(certificate: Certificate): readonly (string | undefined)[] {
  const names = extension(certificate, oids.subjectAltName);
  return names.ok ? (names.value ?? []).map(textOf) : [];
}
