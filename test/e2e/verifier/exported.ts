// A log of three days with its exports, as the real exporter writes them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog, OpenedStore } from '../../../main/audit/index.ts';
import { exportLog, type LogExportFormat } from '../../../main/core/index.ts';
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

export class ExportedLog {
  readonly opened: OpenedStore;
  readonly #folder = temporaryFolder();
  #day = 1;
  #minutes = 0;

  constructor({ training = false }: { readonly training?: boolean } = {}) {
    const home = join(this.#folder, 'home');
    mkdirSync(home);
    const store = openStore(home);
    assert(store.ok);
    const now = () => new Date(Date.UTC(2026, 10, this.#day, 12, this.#minutes++));
    this.opened = { store: store.value, log: openLogIn(home, store.value, { now, training }) };
    this.log.people.declare('Aino Öhman');
  }

  get log(): AuditLog {
    return this.opened.log;
  }

  /** Deliveries on a new day, for which the log takes a new key. */
  addDay(deliveries: number): this {
    this.#day++;
    this.#minutes = 0;
    this.opened.store.transaction(() => {
      for (let index = 0; index < deliveries; index++)
        this.log.append({
          action: 'bundle-delivery',
          subject: { site: index % 3 === 0 ? trickySite : `S0000${index % 3}`, serialNumber: `AR100000${index % 10}` },
          facts: { sequence: index, state: 'receipt', accepted: true },
        });
    });
    return this;
  }

  async export(format: LogExportFormat, filter: LogFilter = {}): Promise<Exported> {
    const name = `log.${format}`;
    const out = join(this.#folder, name);
    const exported = await exportLog(this.opened, { format, filter, out });
    assert(exported.ok, JSON.stringify(exported));
    const given = (file: string) => ({ name: file, text: readFileSync(join(this.#folder, file), 'utf8') });
    return { file: given(name), proof: given(`${name}.proof`) };
  }

  close(): void {
    this.opened.store.close();
  }
}
