/** Entry file of the worker threads that check rows and make bundles. */
import { ok, type Result } from '../../faults/index.ts';
import { openSharedSigner } from '../../keys/index.ts';
import { runPart } from '../../spawn/index.ts';
import { inventoryOf } from '../inventory.ts';
import type { UnlockedVendor } from '../profile.ts';
import { BatchWorker } from './batch-worker.ts';
import type { BatchPart, SharedVendor } from './lanes.ts';

void runPart<BatchPart>(({ inventory, vendors, ...setup }) => {
  const opened = new Map<string, UnlockedVendor>();
  for (const shared of vendors) {
    const vendor = open(shared);
    if (!vendor.ok) return Promise.resolve(vendor);
    opened.set(shared.name, vendor.value);
  }
  const worker = new BatchWorker({ ...setup, inventory: inventoryOf(inventory), vendors: opened });
  return Promise.resolve(
    ok({
      info: undefined,
      answer: async (question) => {
        switch (question.kind) {
          case 'check':
            return worker.check(question);
          case 'compare':
            return worker.compare(question);
          case 'make':
            return worker.make(question);
        }
      },
    }),
  );
});

/** The vendor with a signer of this thread. Its key's file stays with the thread that unlocked it. */
function open(shared: SharedVendor): Result<UnlockedVendor> {
  const signer = openSharedSigner(shared.signing.signer);
  if (!signer.ok) return signer;
  const keySource = { kind: 'pkcs12', file: new Uint8Array() } as const;
  return ok({ ...shared, keySource, signing: { ...shared.signing, signer: signer.value } });
}
