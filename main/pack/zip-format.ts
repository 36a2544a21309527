/**
 * The parts of a ZIP file (APPNOTE 6.3.10 of the format's owner) that packs use: entries that are stored, without
 * compression or encryption, and the 64-bit form of the directory's end for many or large ones.
 *
 * Siteseal has its own code for them because packs have 100,000 entries: general libraries take a tenth of a second for
 * every hundred.
 */

/** Signatures, fixed sizes and the offsets of what is read, in bytes. */
export const zip = {
  local: { signature: 0x04034b50, size: 30 },
  directory: { signature: 0x02014b50, size: 46 },
  end: { signature: 0x06054b50, size: 22 },
  end64: { signature: 0x06064b50, size: 56 },
  locator64: { signature: 0x07064b50, size: 20 },
} as const;

/** In a 16 or 32 bit field: the value is in the 64-bit record. */
export const in64 = { count: 0xffff, offset: 0xffff_ffff } as const;

/** The extra field with 64-bit values of an entry. */
export const extra64 = 0x0001;

/** Names are UTF-8. */
export const utf8Flag = 1 << 11;
/** The entry is encrypted, or its sizes follow its data. */
export const unfitFlags = (1 << 0) | (1 << 3) | (1 << 6) | (1 << 13);
