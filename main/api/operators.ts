import { basename } from 'node:path';
import type { OperatorView } from '../../preload/contract/index.ts';
import { fault, ok, refuse, type Fault, type Result } from '../faults/index.ts';
import type { VendorConfigurationAuthorisation } from '../pki/index.ts';
import type { OperatorRecord } from '../store/index.ts';
import { readProfile, type KeyOwner, type Profile, type Vendor } from '../office/index.ts';
import type { Handlers } from './handlers.ts';
import { importCertificates } from './certificate-import.ts';
import type { ApiContext } from './context.ts';
import { addOperator, removeOperator, unlockWith } from '../core/index.ts';
import { faultView, workView } from './views.ts';

/** Operator profiles, and the keys that they name. */
export function operatorHandlers(
  context: ApiContext,
): Handlers<
  | 'operators.list'
  | 'operators.add'
  | 'operators.remove'
  | 'operators.unlock'
  | 'operators.lock'
  | 'operators.importCertificates'
> {
  const view = (id: string): Result<OperatorView> => {
    const record = findOperator(context, id);
    return record.ok ? ok(operatorView(context, record.value)) : record;
  };
  return {
    'operators.list': () => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return ok(opened.value.store.operators.all().map((record) => operatorView(context, record)));
    },
    'operators.add': ({ file }) => {
      const path = context.pathOf(file);
      if (!path.ok) return path;
      const profile = readProfile(path.value, context.options.folders);
      if (!profile.ok) return profile;
      if (profile.value.training !== context.isTraining())
        return refuse('training-file', { where: { file: file.name } });
      const opened = context.store();
      if (!opened.ok) return opened;
      const added = addOperator(context, opened.value, path.value, profile.value);
      context.changed('operators', 'log');
      return ok(operatorView(context, added));
    },
    'operators.remove': ({ id }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      context.keys.lock(id);
      removeOperator(opened.value, id, context.options.folders);
      context.changed('operators', 'log');
      return ok({});
    },
    'operators.unlock': async ({ id, vendor: name, passphrase }) => {
      const found = findVendor(context, id, name);
      if (!found.ok) return found;
      const { vendor, owner } = found.value;
      const { unlock } = unlockWith(context, () => Promise.resolve(ok(Buffer.from(passphrase))));
      const unlocked = await unlock(vendor, owner);
      context.changed('log');
      if (!unlocked.ok) return unlocked;
      const { operator } = owner;
      context.keys.put(id, unlocked.value, { operator, training: context.isTraining() });
      return view(id);
    },
    'operators.importCertificates': ({ id, files }) => {
      const operator = findOperator(context, id);
      if (!operator.ok) return operator;
      const paths: string[] = [];
      for (const file of files) {
        const path = context.pathOf(file);
        if (!path.ok) return path;
        paths.push(path.value);
      }
      return importCertificates(context, operator.value, paths);
    },
    'operators.lock': ({ id }) => {
      context.keys.lock(id);
      return view(id);
    },
  };
}

/** The operator in the current store. Refuses with `not-found`. */
export function findOperator(context: ApiContext, id: string): Result<OperatorRecord> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const record = opened.value.store.operators.get(id);
  return record ? ok(record) : refuse('not-found', { where: { field: 'operator' } });
}

function findVendor(
  context: ApiContext,
  id: string,
  name: string,
): Result<{ readonly vendor: Vendor; readonly owner: KeyOwner }> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const record = findOperator(context, id);
  if (!record.ok) return record;
  const profile = readProfile(record.value.profileFile, context.options.folders);
  if (!profile.ok) return profile;
  const vendor = profile.value.vendors.get(name);
  if (!vendor) return refuse('not-found', { where: { field: 'vendor' } });
  return ok({ vendor, owner: { operator: profile.value.document.name, log: opened.value.log } });
}

function operatorView(context: ApiContext, { id, profileFile }: OperatorRecord): OperatorView {
  const profile = readProfile(profileFile, context.options.folders);
  if (!profile.ok) {
    return {
      id,
      name: basename(profileFile),
      plmn: '',
      training: false,
      vendors: [],
      canGenerateCredentials: false,
      fault: faultView(profile.fault),
    };
  }
  const { document, training, registrationCertificate } = profile.value;
  const importing = context.works.find('certificate-import', id);
  return {
    id,
    name: document.name,
    plmn: document.plmn,
    training,
    vendors: vendorViews(context, id, profile.value),
    canGenerateCredentials: registrationCertificate !== undefined,
    ...(importing && { importing: workView(importing) }),
  };
}

function vendorViews(context: ApiContext, operatorId: string, { vendors }: Profile): OperatorView['vendors'] {
  return [...vendors.values()].map(({ name, keyFile, rootCertificates }) => {
    const key = context.keys.look(operatorId, name);
    return {
      name,
      keyFile: basename(keyFile),
      state: key ? 'unlocked' : 'locked',
      rootFingerprints: rootCertificates.map(({ sha256 }) => sha256),
      ...(key && {
        unlockedUntil: key.until.toISOString(),
        scope: scopeInWords(key.vendor.authorisation),
        until: key.vendor.signerEnd.toISOString(),
        ...keyExpiry(key.vendor.signerEnd, context.surroundings.now()),
      }),
    };
  });
}

/** How early to warn that a key ends, in milliseconds: a vendor may need weeks to certify the next. */
const soon = 30 * 24 * 60 * 60 * 1000;

function keyExpiry(end: Date, now: Date): Pick<OperatorView['vendors'][number], 'expiry'> {
  const left = end.getTime() - now.getTime();
  if (left > soon) return {};
  return { expiry: left > 0 ? 'soon' : 'expired' };
}

/** Each scope in words: `AR1000000 – AR1899999` or `AR-X7`. */
function scopeInWords({ devices }: VendorConfigurationAuthorisation): string[] {
  const text = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');
  return devices.flatMap(({ serials }) =>
    serials.map((scope) =>
      scope.kind === 'exact' ? text(scope.serial) : `${text(scope.low)} – ${text(scope.high)}`,
    ),
  );
}

const vendorMember = 'vendors.';

/** The fault for a key that must be unlocked first. */
export function lockedFault(vendor: string) {
  return fault('passphrase-missing', { where: { field: vendorMember + vendor } });
}

/** The vendor whose key must be unlocked first, according to a fault. */
export function lockedVendor({ code, where }: Fault): string | undefined {
  return code === 'passphrase-missing' ? where?.field?.slice(vendorMember.length) : undefined;
}
