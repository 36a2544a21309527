// A log of three days with its exports, as the real exporter writes them.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog, OpenedStore } from '../../../main/audit/index.ts';
import { exportLog, type LogExportFormat } from '../../../main/core/index.ts';
import { saveHead } from '../../../main/core/log-head.ts';
import { openStore, type LogFilter } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { openLogIn } from '../../kit/log.ts';

/** A file in memory. */
export interface GivenFile {
  readonly name: string;
  readonly text: string;
}

/** An export and its proof. */
export interface Exported {
  readonly file: GivenFile;
  readonly proof: GivenFile;
}

/** A site's name with what each format has to escape. */
export const trickySite = '=Höfn, "7"; \\|a=b 🗼';

/** When the exports are made. */
const now = new Date(Date.UTC(2026, 10, 30));

/** A log whose clock gains a minute with each look. */
export class ExportedLog {
  readonly #folder = temporaryFolder();
  readonly #training: boolean;
  #opened: OpenedStore;
  #day = 1;
  #minutes = 0;

  constructor({ training = false }: { readonly training?: boolean } = {}) {
    this.#training = training;
    mkdirSync(this.#home);
    this.#opened = this.#open();
    this.log.people.declare('Aino Öhman');
  }

  get opened(): OpenedStore {
    return this.#opened;
  }

  /** The same log on another laptop: a copy of the folder, which can take another history from now on. */
  copy(): ExportedLog {
    const copy = new ExportedLog({ training: this.#training });
    copy.close();
    this.close();
    cpSync(this.#home, copy.#home, { recursive: true, force: true });
    copy.#day = this.#day;
    this.#opened = this.#open();
    copy.#opened = copy.#open();
    return copy;
  }

  get log(): AuditLog {
    return this.#opened.log;
  }

  /** Deliveries on a new day, for which the log takes a new key. */
  addDay(deliveries: number): this {
    this.#day++;
    this.#minutes = 0;
    this.#opened.store.transaction(() => {
      for (let index = 0; index < deliveries; index++)
        this.log.append({
          action: 'bundle-delivery',
          subject: {
            site: index % 3 === 0 ? trickySite : `S0000${index % 3}`,
            serialNumber: `AR100000${index % 10}`,
            hwType: '1.2.3',
          },
          facts: { bundleId: 'b', sequence: index, bundleSha256: 'c', state: 'receipt', accepted: true },
        });
    });
    return this;
  }

  async export(format: LogExportFormat, filter: LogFilter = {}): Promise<Exported> {
    const name = `log.${format}`;
    const out = join(this.#folder, name);
    const exported = await exportLog(this.#opened, { format, filter, out, now });
    assert(exported.ok, JSON.stringify(exported));
    const given = (file: string) => ({ name: file, text: readFileSync(join(this.#folder, file), 'utf8') });
    return { file: given(name), proof: given(`${name}.proof`) };
  }

  /** The proof of one entry of a site. */
  async proof(site: string): Promise<GivenFile> {
    const out = join(this.#folder, 'site.tlog-proof');
    const exported = await exportLog(this.#opened, { format: 'proof', filter: { site }, out, now });
    assert(exported.ok, JSON.stringify(exported));
    return { name: 'site.tlog-proof', text: readFileSync(out, 'utf8') };
  }

  async head(name = 'head.json'): Promise<GivenFile> {
    const out = join(this.#folder, name);
    const saved = await saveHead(this.#opened, out);
    assert(saved.ok, JSON.stringify(saved));
    return { name, text: readFileSync(out, 'utf8') };
  }

  close(): void {
    this.#opened.store.close();
  }

  get #home(): string {
    return join(this.#folder, 'home');
  }

  #open(): OpenedStore {
    const store = openStore(this.#home);
    assert(store.ok);
    const now = () => new Date(Date.UTC(2026, 10, this.#day, 12, this.#minutes++));
    return { store: store.value, log: openLogIn(this.#home, store.value, { now, training: this.#training }) };
  }
}
