import type { Database } from 'better-sqlite3';

/** Which eNB it is. */
interface Enb {
  readonly hwType: string;
  readonly serialNumber: string;
}

/** What the newest bundle of each eNB asks of it, among those that this computer has made. Holds no secret. */
export interface Issued {
  /** JSON of `issuedContent`. Undefined without a bundle, or if an earlier version made it. */
  contentOf(enb: Enb): string | undefined;
  /** Replaces the content of an eNB, once the bundle is whole on disk. */
  put(enb: Enb, content: string): void;
}

export function issued(database: Database): Issued {
  const contentOf = database
    .prepare<[string, string], string>('SELECT content FROM issued WHERE hw_type = ? AND serial_number = ?')
    .pluck();
  const put = database.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO issued (hw_type, serial_number, content) VALUES (?, ?, ?)',
  );
  return {
    contentOf: ({ hwType, serialNumber }) => contentOf.get(hwType, serialNumber),
    put: ({ hwType, serialNumber }, content) => {
      put.run(hwType, serialNumber, content);
    },
  };
}
