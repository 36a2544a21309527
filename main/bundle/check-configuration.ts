import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import {
  extension,
  isSelfIssued,
  nameFromText,
  parseCertificate,
  verifySignature,
  type Certificate,
} from '../pki/index.ts';
import { oids } from '../asn1/index.ts';
import { renewAt, type Configuration } from './configuration.ts';
import * as values from './values.ts';

/** A member, the rule for it, and whether it holds. */
type Requirement = readonly [field: string, rule: Rule, holds: boolean];

/**
 * Checks the values of a configuration's members. Refuses with `configuration-invalid`, and the member and rule, at the
 * first bad value.
 */
export function checkConfiguration(configuration: Configuration): Result<void, 'configuration-invalid'> {
  for (const [field, rule, holds] of requirements(configuration)) {
    if (!holds) return refuse('configuration-invalid', { rule, where: { field } });
  }
  return ok(undefined);
}

function* requirements(configuration: Configuration): Generator<Requirement> {
  const { enrolment, backhaul, securityGateways, initialIpsec, operator, site } = configuration;
  const { issuedAt, notBefore, notAfter } = configuration;
  yield ['notAfter', 'validity-order', notBefore < notAfter];
  yield ['issuedAt', 'issued-in-time', issuedAt <= notAfter];
  yield ['site.id', 'site-id', values.isSiteId(site.id)];
  yield ['site.name', 'label', values.isLabel(site.name)];
  yield ['operator.name', 'label', values.isLabel(operator.name)];
  yield ['operator.plmn', 'plmn', values.isPlmn(operator.plmn)];
  const roots = operatorRoots(configuration);
  yield [
    'operatorRootCertificates',
    'root-certificate',
    roots !== undefined && roots.every(isRootCertificate),
  ];
  yield ['enrolment.url', 'enrolment-url', values.isEnrolmentUrl(enrolment.url)];
  yield ['enrolment.caName', 'distinguished-name', nameFromText(enrolment.caName).ok];
  yield ['enrolment.subject', 'distinguished-name', nameFromText(enrolment.subject).ok];
  yield [
    'enrolment.subjectAltNames',
    'subject-alt-name',
    (enrolment.subjectAltNames ?? []).every(values.isSubjectAltName),
  ];
  yield ['enrolment.dns', 'address', (enrolment.dns ?? []).every(values.isAddress)];
  yield ['enrolment.renewAt', 'renew-at', values.isRenewAt(renewAt(configuration))];
  const isSealed = configuration.sealed !== undefined;
  yield ['sealed', 'credential-not-sealed', isSealed || enrolment.protection !== 'mac'];
  yield* backhaulRequirements(backhaul);
  for (const [index, gateway] of securityGateways.entries()) {
    const field = `securityGateways.${index}`;
    yield [`${field}.address`, 'host', values.isHost(gateway.address)];
    yield [`${field}.identity`, 'label', values.isLabel(gateway.identity)];
    yield [
      `${field}.remoteSubnets`,
      'address-with-prefix',
      gateway.remoteSubnets.every(values.isAddressWithPrefix),
    ];
    for (const name of ['proposals', 'espProposals'] as const)
      yield [`${field}.${name}`, 'proposal', (gateway[name] ?? []).every(values.isProposal)];
    const inner = gateway.inner?.method === 'static' ? gateway.inner.addresses : [];
    yield [`${field}.inner.addresses`, 'inner-addresses', values.areInnerAddresses(inner)];
  }
  yield ['initialIpsec.proposals', 'proposal', initialIpsec.proposals.every(values.isProposal)];
  yield ['initialIpsec.espProposals', 'proposal', initialIpsec.espProposals.every(values.isProposal)];
  const initial = securityGateways.filter(({ role }) => role === 'initial');
  yield ['securityGateways', 'initial-gateway', initial.length > 0 || !initialIpsec.required];
  yield [
    'enrolment.url',
    'ra-outside-tunnel',
    !initialIpsec.required || isReachedThrough(enrolment.url, initial),
  ];
}

function* backhaulRequirements(backhaul: Configuration['backhaul']): Generator<Requirement> {
  const { address } = backhaul;
  if (address.method === 'static') {
    const own = [address.ipv4, address.ipv6].filter((text) => text !== undefined);
    yield ['backhaul.address', 'one-address', own.length === 1 && own.every(values.isAddressWithPrefix)];
    yield ['backhaul.address.gateway', 'gateway', isGatewayOf(address.gateway, own[0] ?? '')];
  }
  yield ['backhaul.vlan', 'vlan', backhaul.vlan === undefined || values.isVlan(backhaul.vlan)];
  yield ['backhaul.mtu', 'mtu', values.isMtu(backhaul.mtu)];
  yield ['backhaul.dns', 'address', backhaul.dns.every(values.isAddress)];
  yield ['backhaul.ntp', 'host', backhaul.ntp.every(values.isHost)];
  yield [
    'backhaul.ikeIdentity',
    'label',
    backhaul.ikeIdentity === undefined || values.isLabel(backhaul.ikeIdentity),
  ];
}

/**
 * Whether a gateway has the family and subnet of the address (for IPv6, or is link-local) and is not the eNB's own
 * address.
 */
export function isGatewayOf(gateway: string, addressWithPrefix: string): boolean {
  const [own = ''] = addressWithPrefix.split('/');
  if (!values.isAddress(gateway) || values.canonicalHost(gateway) === values.canonicalHost(own)) return false;
  if (gateway.includes(':') !== own.includes(':')) return false;
  const linkLocal = gateway.includes(':') ? ['fe80::/10'] : [];
  return values.isInSubnets(gateway, [addressWithPrefix, ...linkLocal]);
}

/**
 * Whether the initial gateways lead to the host of a URL. An address must be behind one of them. A name passes here:
 * the eNB resolves and checks it.
 */
export function isReachedThrough(
  url: string,
  gateways: readonly { readonly remoteSubnets: readonly string[] }[],
): boolean {
  if (!URL.canParse(url)) return true;
  const host = values.hostOf(new URL(url));
  return (
    !values.isAddress(host) || gateways.some(({ remoteSubnets }) => values.isInSubnets(host, remoteSubnets))
  );
}

/** The operator's root certificates, or undefined when one of them is not a root certificate. */
export function operatorRoots(configuration: Configuration): readonly Certificate[] | undefined {
  const roots: Certificate[] = [];
  for (const encoding of configuration.operatorRootCertificates) {
    const root = parseCertificate(Buffer.from(encoding, 'base64'));
    if (!root.ok) return undefined;
    roots.push(root.value);
  }
  return roots;
}

/** Whether a certificate can anchor trust: it is a CA's, or its version is too old to say so. */
export function isRootCertificate(certificate: Certificate): boolean {
  const basic = extension(certificate, oids.basicConstraints);
  return certificate.version === 1 || (basic.ok && basic.value?.isCa === true);
}

/** Whether it is a CA's certificate that the CA itself issued and signed, rather than one below a root. */
export function isSelfSigned(root: Certificate): boolean {
  if (!isRootCertificate(root) || !isSelfIssued(root)) return false;
  return verifySignature(root.signatureAlgorithm, root.publicKey, root.tbs, root.signature);
}
