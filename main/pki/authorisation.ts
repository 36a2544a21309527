import { decode, der, oids, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Certificate } from './certificate.ts';
import type { EnbIdentity } from './enb-identity.ts';

/** Serial numbers, as octets: one, or those from low to high that have the length of the ends. */
export type SerialScope =
  | { readonly kind: 'exact'; readonly serial: Uint8Array }
  | { readonly kind: 'range'; readonly low: Uint8Array; readonly high: Uint8Array };

/** Serial numbers of one hardware type, a dotted OID. */
export interface DeviceScope {
  readonly hwType: string;
  readonly serials: readonly SerialScope[];
}

/** For which eNBs the vendor lets a key sign configurations (extension A.1). There is no wildcard. */
export interface VendorConfigurationAuthorisation {
  readonly devices: readonly DeviceScope[];
}

/**
 * The authorisation in a certificate, undefined when there is none. Refuses with `authorisation-malformed` one that
 * is not DER, of another version, empty, or with a range whose ends differ in length or stand in the wrong order.
 */
export function readAuthorisation(
  certificate: Certificate,
): Result<VendorConfigurationAuthorisation | undefined, 'authorisation-malformed'> {
  const found = certificate.extensions.get(oids.vendorConfigurationAuthorisation);
  if (!found) return ok(undefined);
  const parsed = decode(found.value, (reader) =>
    reader.sequence((inner) => {
      if (inner.smallInteger() !== 1) inner.fail('authorisation-version');
      return { devices: inner.sequenceOf(readDeviceScope) };
    }),
  );
  if (!parsed.ok) return refuse('authorisation-malformed', { because: parsed.fault });
  const isEmpty =
    parsed.value.devices.length === 0 || parsed.value.devices.some((d) => d.serials.length === 0);
  return isEmpty ? refuse('authorisation-malformed', { rule: 'authorisation-empty' }) : parsed;
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
export function encodeAuthorisation({ devices }: VendorConfigurationAuthorisation): Uint8Array {
  const serial = (scope: SerialScope) =>
    scope.kind === 'exact'
      ? der.implicit(0, der.octetString(scope.serial))
      : der.implicit(1, der.sequence(der.octetString(scope.low), der.octetString(scope.high)));
  return der.sequence(
    der.integer(1),
    der.sequence(
      ...devices.map(({ hwType, serials }) =>
        der.sequence(der.oid(hwType), der.sequence(...serials.map(serial))),
      ),
    ),
  );
}

/** Whether the authorisation names this eNB. */
export function isAuthorised(authorisation: VendorConfigurationAuthorisation, enb: EnbIdentity): boolean {
  const serial = Buffer.from(enb.serialNumber, 'latin1');
  return contains(authorisation, enb.hwType, { kind: 'exact', serial });
}

/** Whether every eNB of `inner` is one of `outer`: a CA's authorisation must contain those that it issues. */
export function containsAuthorisation(
  outer: VendorConfigurationAuthorisation,
  inner: VendorConfigurationAuthorisation,
): boolean {
  return inner.devices.every(({ hwType, serials }) =>
    serials.every((scope) => contains(outer, hwType, scope)),
  );
}

/** One scope must lie in one scope: a range is not pieced together from several. */
function contains(outer: VendorConfigurationAuthorisation, hwType: string, scope: SerialScope): boolean {
  const [low, high] = ends(scope);
  return outer.devices.some(
    (device) =>
      device.hwType === hwType &&
      device.serials.some((candidate) => {
        const [from, to] = ends(candidate);
        return from.length === low.length && Buffer.compare(from, low) <= 0 && Buffer.compare(high, to) <= 0;
      }),
  );
}

function ends(scope: SerialScope): readonly [low: Uint8Array, high: Uint8Array] {
  return scope.kind === 'exact' ? [scope.serial, scope.serial] : [scope.low, scope.high];
}
