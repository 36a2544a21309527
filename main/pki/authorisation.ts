import { decode, der, oids, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import type { EnbIdentity } from './enb-identity.ts';

/** Serial numbers, as bytes: one, or all from low to high that have the length of these two. */
export type SerialScope =
  | { readonly kind: 'exact'; readonly serial: Uint8Array }
  | { readonly kind: 'range'; readonly low: Uint8Array; readonly high: Uint8Array };

/** Serial numbers of one hardware type, a dotted OID. */
export interface DeviceScope {
  readonly hwType: string;
  readonly serials: readonly SerialScope[];
}

/** The eNBs for which the vendor lets a key sign configurations (extension A.1). It has no wildcard. */
export interface VendorConfigurationAuthorisation {
  /** The vendor's counter across all operators, 0 to 2147483647. An eNB refuses epochs below one it accepted. */
  readonly epoch: number;
  readonly devices: readonly DeviceScope[];
}

export const maximumEpoch = 2 ** 31 - 1;

/**
 * The authorisation in a certificate, if any. Refuses with `authorisation-malformed` if it is not DER, of another
 * version, empty, has an epoch out of range, or has a range whose ends differ in length or are in the wrong order.
 */
export function readAuthorisation(
  certificate: Certificate,
): Result<VendorConfigurationAuthorisation | undefined, 'authorisation-malformed'> {
  const found = certificate.extensions.get(oids.vendorConfigurationAuthorisation);
  if (!found) return ok(undefined);
  const parsed = decode(found.value, (reader) =>
    reader.sequence((inner) => {
      return { epoch: readEpoch(inner), devices: inner.sequenceOf(readDeviceScope) };
    }),
  );
  if (!parsed.ok) return refuse('authorisation-malformed', { because: parsed.fault });
  const isEmpty =
    parsed.value.devices.length === 0 || parsed.value.devices.some((d) => d.serials.length === 0);
  return isEmpty ? refuse('authorisation-malformed', { rule: 'authorisation-empty' }) : parsed;
}

/** Version 1 has no epoch, which means 0. In version 2 it is at least 1, so that each value has one encoding. */
function readEpoch(reader: DerReader): number {
  const version = reader.smallInteger();
  if (version === 1) return 0;
  if (version !== 2) reader.fail('authorisation-version');
  const offset = reader.offset;
  const epoch = reader.smallInteger();
  if (epoch < 1 || epoch > maximumEpoch) reader.fail('authorisation-epoch-range', offset);
  return epoch;
}

function readDeviceScope(reader: DerReader): DeviceScope {
  return reader.sequence((inner) => ({ hwType: inner.oid(), serials: inner.sequenceOf(readSerialScope) }));
}

function readSerialScope(reader: DerReader): SerialScope {
  if (reader.nextTag === 0x80) return { kind: 'exact', serial: Uint8Array.from(reader.octetString(0x80)) };
  return reader.constructed(0xa1, (inner) => {
    const offset = inner.offset;
    const low = Uint8Array.from(inner.octetString());
    const high = Uint8Array.from(inner.octetString());
    if (low.length !== high.length || Buffer.compare(low, high) > 0)
      inner.fail('authorisation-range', offset);
    return { kind: 'range', low, high };
  });
}

/** DER of the extension's value. */
export function encodeAuthorisation({ epoch, devices }: VendorConfigurationAuthorisation): Uint8Array {
  const serial = (scope: SerialScope) =>
    scope.kind === 'exact'
      ? der.implicit(0, der.octetString(scope.serial))
      : der.implicit(1, der.sequence(der.octetString(scope.low), der.octetString(scope.high)));
  return der.sequence(
    ...(epoch === 0 ? [der.integer(1)] : [der.integer(2), der.integer(epoch)]),
    der.sequence(
      ...devices.map(({ hwType, serials }) =>
        der.sequence(der.oid(hwType), der.sequence(...serials.map(serial))),
      ),
    ),
  );
}

/** Whether the vendor lets the key configure this eNB. */
export function isAuthorised(authorisation: VendorConfigurationAuthorisation, enb: EnbIdentity): boolean {
  const serial = Buffer.from(enb.serialNumber, 'latin1');
  return contains(rangesOf(authorisation), enb.hwType, { kind: 'exact', serial });
}

/** Whether `outer` covers every eNB of `inner`, as a CA must cover the certificates it issues. Ignores epochs. */
export function containsAuthorisation(
  outer: VendorConfigurationAuthorisation,
  inner: VendorConfigurationAuthorisation,
): boolean {
  const ranges = rangesOf(outer);
  return inner.devices.every(({ hwType, serials }) =>
    serials.every((scope) => contains(ranges, hwType, scope)),
  );
}

/** The scopes of one hardware type and length, sorted by their low ends. Each byte is one character of the text. */
interface Ranges {
  readonly lows: string[];
  /** The highest of the high ends up to this index. */
  readonly highest: string[];
}

const known = new WeakMap<VendorConfigurationAuthorisation, ReadonlyMap<string, Ranges>>();

/** Cached: one authorisation can name 100,000 eNBs, and callers ask about each of them. */
function rangesOf(authorisation: VendorConfigurationAuthorisation): ReadonlyMap<string, Ranges> {
  let ranges = known.get(authorisation);
  if (!ranges) {
    const all = authorisation.devices.flatMap(({ hwType, serials }) =>
      serials.map((scope) => ({ key: keyOf(hwType, scope), ends: ends(scope) })),
    );
    const sorted = Map.groupBy(
      all.toSorted((a, b) => (a.ends[0] < b.ends[0] ? -1 : 1)),
      ({ key }) => key,
    );
    ranges = new Map([...sorted].map(([key, scopes]) => [key, toRanges(scopes.map((scope) => scope.ends))]));
    known.set(authorisation, ranges);
  }
  return ranges;
}

function toRanges(sorted: readonly Ends[]): Ranges {
  const ranges: Ranges = { lows: [], highest: [] };
  for (const [low, high] of sorted) {
    const before = ranges.highest.at(-1) ?? high;
    ranges.lows.push(low);
    ranges.highest.push(before > high ? before : high);
  }
  return ranges;
}

/** A single scope must contain the whole scope. Adjacent ranges are not joined. */
function contains(ranges: ReadonlyMap<string, Ranges>, hwType: string, scope: SerialScope): boolean {
  const found = ranges.get(keyOf(hwType, scope));
  if (!found) return false;
  const [low, high] = ends(scope);
  let [from, to] = [0, found.lows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((found.lows[middle] ?? '') <= low) from = middle + 1;
    else to = middle;
  }
  return from > 0 && (found.highest[from - 1] ?? '') >= high;
}

type Ends = readonly [low: string, high: string];

function ends(scope: SerialScope): Ends {
  const [low, high] = scope.kind === 'exact' ? [scope.serial, scope.serial] : [scope.low, scope.high];
  return [toText(low, 'latin1'), toText(high, 'latin1')];
}

function keyOf(hwType: string, scope: SerialScope): string {
  return `${hwType} ${(scope.kind === 'exact' ? scope.serial : scope.low).length}`;
}
