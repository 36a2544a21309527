import { isIPv6 } from 'node:net';
import { der } from '../../asn1/index.ts';
import { values } from '../../bundle/index.ts';

/**
 * The value of subjectAltName (RFC 5280 section 4.2.1.6) for names as a configuration writes them; undefined for none.
 * @peculiar/x509 encodes an IPv6 address that ends like an IPv4 one wrongly. Throws for a malformed name.
 */
export function encodeSubjectAltNames(names: readonly string[]): Uint8Array | undefined {
  return names.length === 0 ? undefined : der.sequence(...names.map(encodeName));
}

const tagNumbers: Readonly<Record<string, number>> = { email: 1, dns: 2, uri: 6 };

function encodeName(text: string): Uint8Array {
  if (!values.isSubjectAltName(text)) throw new Error('Not an alternative name');
  const colon = text.indexOf(':');
  const [form, value] = [text.slice(0, colon), text.slice(colon + 1)];
  const number = tagNumbers[form];
  return number === undefined
    ? der.implicit(7, der.octetString(addressOctets(value)))
    : der.implicit(number, der.ia5String(value));
}

function addressOctets(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split('.'), Number);
  // The URL parser turns an IPv4 ending into hex.
  const { hostname } = new URL(`http://[${address}]`);
  const [before = [], after = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
