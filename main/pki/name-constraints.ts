import { oids } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import { extension, type NameConstraints } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { nameToText } from './name.ts';
import { pathRules, type PathWork } from './path-work.ts';

/**
 * Checks a certificate's names against the constraints of the CAs above it (RFC 5280 sections 4.2.1.10 and 6.1.3 (b),
 * (c)). For each CA, a name must be in a permitted subtree of its form, if there is any, and in no excluded one.
 * Refuses with `name-constraint-violated`; with `name-constraint-unsupported` if Siteseal cannot compare a constrained
 * name; with `path-too-complex` beyond the limits of `work`.
 */
export function checkNameConstraints(
  certificate: Certificate,
  constraints: readonly NameConstraints[],
  work: PathWork,
): Result<
  void,
  | 'name-constraint-violated'
  | 'name-constraint-unsupported'
  | 'certificate-extension-malformed'
  | 'path-too-complex'
> {
  if (constraints.length === 0) return ok(undefined);
  const names = constrainedNames(certificate);
  if (!names.ok) return names;
  for (const { permitted, excluded } of constraints) {
    const weight = [...permitted, ...excluded].reduce((sum, base) => sum + weightOf(base), 0);
    if (!work.spend('comparisons', weight * names.value.length)) {
      return refuse('path-too-complex', { rule: pathRules.comparisons });
    }
    const allowedByForm = Map.groupBy(permitted, formOf);
    const deniedByForm = Map.groupBy(excluded, formOf);
    for (const name of names.value) {
      const allowed = allowedByForm.get(formOf(name)) ?? [];
      const denied = deniedByForm.get(formOf(name)) ?? [];
      if (allowed.length + denied.length === 0) continue;
      const found = generalNameToText(name);
      if (!isComparable(name, allowed) || !isComparable(name, denied))
        return refuse('name-constraint-unsupported', { found });
      const isOutside = allowed.length > 0 && !allowed.some((base) => isUnder(name, base));
      if (isOutside || denied.some((base) => isUnder(name, base))) {
        return refuse('name-constraint-violated', { found });
      }
    }
  }
  return ok(undefined);
}

/** The cost of comparing with a base: one for every 64 characters or every RDN. */
function weightOf(base: GeneralName): number {
  if ('text' in base) return 1 + (base.text.length >> 6);
  return base.kind === 'directory' ? 1 + base.name.rdns.length : 1;
}

/** The subject if not empty, all alternative names, and the subject's e-mail addresses if no other name is one. */
function constrainedNames(
  certificate: Certificate,
): Result<readonly GeneralName[], 'certificate-extension-malformed'> {
  const alternative = extension(certificate, oids.subjectAltName);
  if (!alternative.ok) return alternative;
  const { subject } = certificate;
  const names: GeneralName[] = [...(alternative.value ?? [])];
  if (subject.rdns.length > 0) names.push({ kind: 'directory', name: subject });
  if (!names.some(({ kind }) => kind === 'email')) {
    for (const { type, value } of subject.rdns.flat())
      if (type === oids.emailAddress) names.push({ kind: 'email', text: value });
  }
  return ok(names);
}

/** Only names of the same form are compared with each other. */
function formOf(name: GeneralName): string {
  if (name.kind === 'unsupported') return `${name.kind} ${name.tag}`;
  return name.kind === 'other' ? `${name.kind} ${name.type}` : name.kind;
}

/** A host name, with or without the final dot that makes it absolute. Excludes wildcards, which match many hosts. */
const hostName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i;

/** Whether Siteseal can decide if the name is under these bases. An unusual spelling is refused. */
function isComparable(name: GeneralName, bases: readonly GeneralName[]): boolean {
  if (!bases.every(isPlainBase)) return false;
  switch (name.kind) {
    case 'directory':
      return true;
    case 'dns':
      return hostName.test(name.text);
    case 'email':
      return /^[^@]+@[^@]+$/.test(name.text);
    case 'uri':
      // Section 4.2.1.10: refuse a URI without a host name, or with an IP address.
      return uriHost(name.text) !== undefined;
    case 'other':
    case 'unsupported':
      return bases.length === 0;
  }
}

const plainBases = new WeakMap<GeneralName, boolean>();

/** Cached: a base is compared with every name below it. */
function isPlainBase(base: GeneralName): boolean {
  let isPlain = plainBases.get(base);
  if (isPlain === undefined) {
    isPlain = isPlainlySpelled(base);
    plainBases.set(base, isPlain);
  }
  return isPlain;
}

function isPlainlySpelled(base: GeneralName): boolean {
  if (base.kind !== 'dns' && base.kind !== 'email' && base.kind !== 'uri') return true;
  if (base.kind === 'dns' && base.text === '') return true; // matches every name
  const host = base.kind === 'email' ? base.text.replace(/^[^@]+@/, '') : base.text;
  return hostName.test(host.replace(/^\./, ''));
}

function isUnder(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'directory' && base.kind === 'directory') {
    return base.name.rdnKeys.every((key, index) => name.name.rdnKeys[index] === key);
  }
  if (!('text' in name) || !('text' in base)) return false;
  const constraint = textOf(base);
  switch (name.kind) {
    case 'dns':
      return isHostUnder(textOf(name), constraint.replace(/^\./, ''), constraint.startsWith('.'));
    case 'uri':
      return isHostMatch(uriHost(name.text) ?? '', constraint);
    case 'email': {
      const at = name.text.lastIndexOf('@');
      const host = hostOf(name.text.slice(at + 1));
      if (!constraint.includes('@')) return isHostMatch(host, constraint);
      const baseAt = base.text.lastIndexOf('@');
      // Section 7.5: the local part is case-sensitive, the host is not.
      return name.text.slice(0, at) === base.text.slice(0, baseAt) && host === constraint.slice(baseAt + 1);
    }
  }
}

/** Matches one host; with a leading dot, all hosts in a domain but not the domain itself. */
function isHostMatch(host: string, constraint: string): boolean {
  return constraint.startsWith('.') ? isHostUnder(host, constraint.slice(1), true) : host === constraint;
}

function isHostUnder(host: string, domain: string, below: boolean): boolean {
  return domain === '' || host.endsWith(`.${domain}`) || (!below && host === domain);
}

const texts = new WeakMap<GeneralName, string>();

function textOf(name: Extract<GeneralName, { readonly text: string }>): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = hostOf(name.text);
    texts.set(name, text);
  }
  return text;
}

/** A host name in the form for comparison: lower case, without the final dot of a fully qualified name. */
function hostOf(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

function uriHost(uri: string): string | undefined {
  // Parsers disagree about a backslash: for some it ends the authority, for others it belongs to it.
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)(?![^/?#])/i.exec(uri)?.[1] ?? '';
  const host = hostOf(authority.replace(/^.*@/, '').replace(/:\d*$/, ''));
  const isAddress = /^[\d.]+$/.test(host);
  const isName = /^[a-z0-9_.-]+$/.test(host) && host.split('.').every((label) => label !== '');
  return isName && !isAddress ? host : undefined;
}

function generalNameToText(name: GeneralName): string {
  switch (name.kind) {
    case 'directory':
      return nameToText(name.name);
    case 'email':
    case 'dns':
    case 'uri':
      return name.text;
    case 'other':
      return `otherName ${name.type}`;
    case 'unsupported':
      return `GeneralName [${name.tag & 0x1f}]`;
  }
}
