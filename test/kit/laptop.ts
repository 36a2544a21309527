/** The laptop that delivers bundles in tests: what it keeps, and what it saw. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry } from '../../main/audit/index.ts';
import { Bundle } from '../../main/bundle/index.ts';
import { Stores } from '../../main/core/stores.ts';
import { ok } from '../../main/faults/index.ts';
import {
  deliver,
  type DeliveryReport,
  type DeliveryRequest,
  type DeliverySurroundings,
} from '../../main/site/index.ts';
import type { DeliveryPhase } from '../../preload/contract/steps.ts';
import { deadlines, temporaryFolder } from './enb.ts';
import { logEntries } from './log.ts';
import { surroundingsIn } from './operator.ts';

export class Laptop {
  readonly home = temporaryFolder();
  /** The folder of the receipts. */
  readonly out = temporaryFolder();
  /** The states of the last delivery. */
  readonly states: DeliveryPhase[] = [];
  readonly #stores = new Stores(surroundingsIn(this.home));

  readonly surroundings: DeliverySurroundings = {
    ...this.#stores.surroundings(),
    onState: (state) => this.states.push(state),
    saveReceipt: ({ serialNumber }, { receiptNumber }, bytes) => {
      const file = join(this.out, `${serialNumber}-${receiptNumber}.receipt.p7m`);
      writeFileSync(file, bytes);
      return ok(file);
    },
  };

  /** Delivers a bundle, in this environment except for some changes. */
  deliver(
    { bundle, ...request }: Omit<DeliveryRequest, 'deadlines' | 'bundle'> & { readonly bundle: Uint8Array },
    changes: Partial<DeliverySurroundings> = {},
  ): Promise<DeliveryReport> {
    this.states.length = 0;
    return deliver(
      { ...request, bundle: new Bundle(bundle), deadlines },
      { ...this.surroundings, ...changes },
    );
  }

  /** The log, oldest entry first. */
  log(training = false): readonly LogEntry[] {
    return logEntries(this.open(training).log);
  }

  /** The receipts in the store, in the order of their numbers. */
  receipts(training = false): readonly Buffer[] {
    this.open(training);
    const database = new Database(join(this.#stores.folder(training), 'siteseal.db'), { readonly: true });
    const rows = database.prepare('SELECT bytes FROM receipt ORDER BY receipt_number').pluck().all();
    database.close();
    return rows as Buffer[];
  }

  /** The files of receipts, by name. */
  receiptFiles(): readonly string[] {
    return readdirSync(this.out)
      .filter((name) => name.endsWith('.p7m'))
      .sort();
  }

  open(training = false) {
    const opened = this.#stores.open(training);
    assert(opened.ok);
    return opened.value;
  }

  close(): void {
    this.#stores.close();
  }
}
