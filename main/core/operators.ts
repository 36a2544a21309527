import type { OpenedStore } from '../audit/index.ts';
import { readProfile, type Profile } from '../office/index.ts';
import type { OperatorRecord } from '../store/index.ts';
import type { Core } from './core.ts';

/** Adds an operator profile, and logs that. If the same file is already there, returns its existing record. */
export function addOperator(
  { surroundings }: Pick<Core, 'surroundings'>,
  { store, log }: OpenedStore,
  profileFile: string,
  { document, sha256: profileSha256 }: Profile,
): OperatorRecord {
  const id = surroundings.newId();
  return store.transaction(() => {
    const added = store.operators.add({ id, profileFile, addedAt: surroundings.now().toISOString() });
    const subject = { operator: document.name, profile: id };
    if (added.id === id) log.append({ action: 'profile-added', subject, facts: { profileSha256 } });
    return added;
  });
}

/** Removes an operator profile, and logs that. Does nothing if it is not there. */
export function removeOperator(
  { store, log }: OpenedStore,
  id: string,
  folders: readonly string[] = [],
): void {
  const record = store.operators.get(id);
  if (!record) return;
  const profile = readProfile(record.profileFile, folders);
  const subject = { profile: id, ...(profile.ok && { operator: profile.value.document.name }) };
  store.transaction(() => {
    store.operators.remove(id);
    log.append({ action: 'profile-removed', subject, facts: {} });
  });
}
