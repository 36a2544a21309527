import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { connect, isIPv6, type LookupFunction } from 'node:net';
import { values } from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import type { SystemLink } from './discovery.ts';
import { defaultPort } from './interface.ts';
import { isLinkLocal } from './link-local.ts';
import type { StreamTransport } from './transport.ts';

/** The address where an eNB listens: an IP address without brackets, or a host name, and a TCP port. */
export interface EthernetAddress {
  readonly host: string;
  readonly port: number;
}

/** Why an address matches no interface of this computer. */
export type ScopeFaultCode = 'address-scope' | 'device-unreachable';

/**
 * Reads `HOST`, `HOST:PORT`, `IPv6`, `[IPv6]` or `[IPv6]:PORT`. A link-local IPv6 address keeps its scope (`%eth0`).
 * Refuses with `address-invalid`.
 */
export function parseEthernetAddress(text: string): Result<EthernetAddress, 'address-invalid'> {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([^:[\]\s/]+)(?::(\d{1,5}))?$/.exec(text);
  const [, host = '', digits] = isIpv6WithScope(text) ? ['', text] : (bracketed ?? plain ?? []);
  const port = digits === undefined ? defaultPort : Number(digits);
  // The system would read 10.1 as 10.0.0.1. Siteseal only accepts complete addresses.
  const isHost = isIpv6WithScope(host) || (!bracketed && values.isHost(host));
  const isValid = isHost && port >= 1 && port <= 65535;
  return isValid ? ok({ host, port }) : refuse('address-invalid', { found: text });
}

/** Whether a text is an IPv6 address. Interface names may contain blanks, but no character that ends an address. */
function isIpv6WithScope(text: string): boolean {
  const [address = '', ...scopes] = text.split('%');
  return isIPv6(address) && (scopes.length === 0 || /^[^\p{C}:/[\]]+$/u.test(scopes.join('%')));
}

/**
 * Adds the scope under the operating system's name. The system ignores an unknown scope and then chooses an interface,
 * so Siteseal looks the scope up, by name or index. A link-local address without a scope gets that of the only
 * interface, or of the only one without an address from a network: a cable to an eNB next to Wi-Fi. Refuses with
 * `address-scope` if the scope is unknown or several are possible, and with `device-unreachable` if there is no
 * interface.
 */
export function withScope(
  { host, port }: EthernetAddress,
  links: readonly SystemLink[],
): Result<EthernetAddress, ScopeFaultCode> {
  const [address, scope] = splitScope(host);
  if (scope === undefined && !(isIPv6(address) && isLinkLocal(address))) return ok({ host, port });
  const interfaces = new Map(links.filter(isIpv6Link).map((link) => [link.scope, link]));
  const all = [...interfaces.values()];
  const others = all.filter(({ isInternal }) => !isInternal);
  const named = all.find(({ name }) => name === scope) ?? all.find(({ index }) => String(index) === scope);
  const meant = named ?? (scope === undefined ? onlyCandidate(others, links) : undefined);
  if (meant) return ok({ host: `${address}%${meant.scope}`, port });
  if (others.length === 0) return refuse('device-unreachable', { found: 'ENETUNREACH' });
  const expected = others.map(({ name }) => name).join(', ');
  return refuse('address-scope', {
    rule: 'interface',
    expected,
    found: scope === undefined ? host : `%${scope}`,
  });
}

/** The only one of these links, or the only one whose interface has link-local addresses alone. */
function onlyCandidate(
  candidates: readonly SystemLink[],
  links: readonly SystemLink[],
): SystemLink | undefined {
  const inNetwork = new Set(links.filter(({ address }) => !isLinkLocal(address)).map(({ name }) => name));
  const [only, ...more] =
    candidates.length === 1 ? candidates : candidates.filter(({ name }) => !inNetwork.has(name));
  return more.length === 0 ? only : undefined;
}

function isIpv6Link({ family }: SystemLink): boolean {
  return family === 'IPv6';
}

function splitScope(host: string): readonly [address: string, scope?: string] {
  const at = host.indexOf('%');
  return at < 0 ? [host] : [host.slice(0, at), host.slice(at + 1)];
}

/** TCP to an eNB on the local link or the maintenance network. `links` returns the current links of this computer. */
export function ethernet(address: EthernetAddress, links: () => readonly SystemLink[]): StreamTransport {
  const { host, port } = address;
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    name,
    open: (deadline) =>
      new Promise((resolve) => {
        // The interface may have disappeared since the address was read.
        const target = withScope(address, links());
        if (!target.ok) {
          resolve(refused(prependWhere(target.fault, { address: name })));
          return;
        }
        const socket = connect({ ...target.value, noDelay: true, lookup: scopedLookup(links) });
        const timer = setTimeout(() => {
          socket.destroy();
          resolve(refuse('device-no-answer', { where: { address: name } }));
        }, deadline);
        socket.once('connect', () => {
          clearTimeout(timer);
          socket.removeAllListeners('error');
          resolve(ok(socket));
        });
        socket.once('error', (error) => {
          clearTimeout(timer);
          if (error instanceof ScopeError) {
            resolve(refused(prependWhere(error.fault, { address: name })));
            return;
          }
          const found = errorCode(error);
          const code = found === 'ETIMEDOUT' ? 'device-no-answer' : 'device-unreachable';
          resolve(refuse(code, { found, where: { address: name } }));
        });
      }),
  };
}

class ScopeError extends Error {
  readonly fault: Fault<ScopeFaultCode>;

  constructor(fault: Fault<ScopeFaultCode>) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Looks up names like the system, but adds the scope that the system omits from link-local addresses. */
function scopedLookup(links: () => readonly SystemLink[]): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, []);
        return;
      }
      const answers = found.map(({ address, family }) => {
        const scoped = withScope({ host: address, port: 0 }, links());
        return scoped.ok ? ok<LookupAddress>({ address: scoped.value.host, family }) : scoped;
      });
      const addresses = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
      const [unfit] = answers.flatMap((answer) => (answer.ok ? [] : [answer.fault]));
      const [first] = addresses;
      if (!first) callback(unfit ? new ScopeError(unfit) : new Error('The name has no address'), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
