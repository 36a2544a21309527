import type { KeyObject } from 'node:crypto';
import { decryptFile, isEncryptedFile, parseEncryptedFile } from '../cms/index.ts';
import { prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { parseInventory, readInventoryFile, type Inventory, type OpenOptions } from './inventory.ts';

/** Unlocks the key that decrypts an inventory. May ask the user for a passphrase. */
export type UnlockInventory = () => Promise<Result<KeyObject>>;

/**
 * Opens an inventory that `openssl cms -encrypt` encrypted. Decrypts it in the memory that it was read to, which all
 * threads share: no other copy of a row exists. Asks for the key only if the file has the right form, and reads no row
 * before the tag over the whole file holds.
 *
 * Refuses with `inventory-unreadable` what `openInventory` refuses, a plain inventory, one in another form of
 * encryption, and one that the key does not decrypt. The last has one rule for all reasons.
 */
export async function openEncryptedInventory(
  file: string,
  unlock: UnlockInventory,
  { folders = [], holdsCredentials = true }: OpenOptions,
): Promise<Result<Inventory>> {
  const bytes = readInventoryFile(file, folders);
  if (!bytes.ok) return bytes;
  const plaintext = await decrypted(bytes.value, unlock);
  if (plaintext.ok) return parseInventory(file, plaintext.value, holdsCredentials);
  bytes.value.fill(0); // It may be a plain inventory.
  return refused(prependWhere(plaintext.fault, { file }));
}

async function decrypted(bytes: Buffer, unlock: UnlockInventory): Promise<Result<Buffer>> {
  if (!isEncryptedFile(bytes)) return refuse('inventory-unreadable', { rule: 'inventory-not-encrypted' });
  const encrypted = parseEncryptedFile(bytes);
  if (!encrypted.ok)
    return refuse('inventory-unreadable', { rule: 'inventory-encryption', because: encrypted.fault });
  const key = await unlock();
  if (!key.ok) return key;
  const plaintext = decryptFile(encrypted.value, key.value);
  return plaintext.ok ? plaintext : refuse('inventory-unreadable', { rule: 'inventory-decryption' });
}
