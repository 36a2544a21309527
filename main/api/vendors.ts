import type { FileHandle, VendorRootView } from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { nameToText, shortName, type Certificate } from '../pki/index.ts';
import { readVendorRoot, trustRoot, trustedVendor, trustedVendors } from '../core/index.ts';
import type { ApiContext } from './context.ts';
import type { Handlers } from './handlers.ts';

/** The vendor roots that the user has chosen to trust. */
export function vendorHandlers(
  context: ApiContext,
): Handlers<'vendors.list' | 'vendors.look' | 'vendors.trust' | 'vendors.distrust'> {
  return {
    'vendors.list': () => {
      const opened = context.store();
      if (!opened.ok) return opened;
      return ok(trustedVendors(opened.value.store).map(({ root }) => rootView(root)));
    },
    'vendors.look': ({ file }) => {
      const root = readRoot(context, file);
      return root.ok ? ok(rootView(root.value.root)) : root;
    },
    'vendors.trust': ({ file, fingerprint }) => {
      const read = readRoot(context, file);
      if (!read.ok) return read;
      const { root, opened } = read.value;
      if (root.sha256 !== fingerprint)
        return refuse('vendor-root-changed', { expected: fingerprint, found: root.sha256 });
      trustRoot(opened, root, [], context.timestamp());
      context.changed('app', 'jobs', 'log');
      return ok({});
    },
    'vendors.distrust': ({ fingerprint }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store, log } = opened.value;
      const vendor = trustedVendor(store, fingerprint);
      if (!vendor) return refuse('not-found', { where: { field: 'vendor' } });
      const idle = context.works.refuseIfAnyExcept('identification', 'steps');
      if (!idle.ok) return idle;
      store.transaction(() => {
        store.vendorRoots.withdraw(fingerprint, context.timestamp());
        log.append({
          action: 'vendor-root-distrusted',
          subject: { vendor: nameToText(vendor.root.subject) },
          facts: { fingerprint },
        });
      });
      context.changed('app', 'jobs', 'log');
      return ok({});
    },
  };
}

/** The root in a file that the user chose, and the store to add it to. */
function readRoot(
  context: ApiContext,
  file: FileHandle,
): Result<{ readonly root: Certificate; readonly opened: OpenedStore }> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const path = context.pathOf(file);
  if (!path.ok) return path;
  const root = readVendorRoot(context.stores, opened.value, path.value, context.options.folders);
  return root.ok ? ok({ root: root.value, opened: opened.value }) : root;
}

function rootView(root: Certificate): VendorRootView {
  return {
    fingerprint: root.sha256,
    name: shortName(root.subject),
    subject: nameToText(root.subject),
    until: root.notAfter.toISOString(),
  };
}
