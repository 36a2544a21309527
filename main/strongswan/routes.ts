import { execFile } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';
import { tunDevice } from './charon.ts';

const run = promisify(execFile);

/** The priority of our rules: before strongSwan's own (220) and the main table's. */
const priority = 210;
/** Our tables are numbered from here. */
const firstTable = 21_000;
const tables = 256;

/**
 * Which packets enter tunnels: those from an address inside a tunnel, each by a table of that tunnel. strongSwan's own
 * routes cannot do this. They go by destination, so that two tunnels to the same networks share one, which the first
 * that ends takes along; and a tunnel to everything (`/0`) would take the traffic of every other link.
 */
export class TunnelRoutes {
  readonly #used = new Set<number>();

  /** Forgets the rules of an earlier process. */
  async clear(): Promise<void> {
    for (const family of ['-4', '-6']) {
      // One rule at a time, until they are gone.
      for (let count = 0; count < tables * 2; count += 1) {
        if (!(await succeeds([family, 'rule', 'del', 'priority', String(priority)]))) break;
      }
    }
  }

  /**
   * Leads what comes from the inner addresses and goes to the subnets into tunnels. The returned function ends that.
   * Rejects with the error of the `ip` program.
   */
  async add(innerAddresses: readonly string[], subnets: readonly string[]): Promise<() => Promise<void>> {
    const index = Array.from({ length: tables }, (_, candidate) => candidate).find(
      (at) => !this.#used.has(at),
    );
    if (index === undefined) throw new Error('Too many tunnels');
    this.#used.add(index);
    const table = String(firstTable + index);
    const remove = async () => {
      for (const address of innerAddresses) {
        await succeeds([
          family(address),
          'rule',
          'del',
          'from',
          address,
          'priority',
          String(priority),
          'lookup',
          table,
        ]);
      }
      for (const each of ['-4', '-6']) await succeeds([each, 'route', 'flush', 'table', table]);
      this.#used.delete(index);
    };
    try {
      for (const subnet of subnets) {
        await ip([family(subnet), 'route', 'replace', subnet, 'dev', tunDevice, 'table', table]);
      }
      for (const address of innerAddresses) {
        await ip([
          family(address),
          'rule',
          'add',
          'from',
          address,
          'priority',
          String(priority),
          'lookup',
          table,
        ]);
      }
    } catch (error) {
      await remove();
      throw error;
    }
    return remove;
  }
}

function family(address: string): string {
  return isIPv6(address.split('/')[0] ?? '') ? '-6' : '-4';
}

async function ip(args: readonly string[]): Promise<void> {
  await run('ip', args, { timeout: 5000 });
}

async function succeeds(args: readonly string[]): Promise<boolean> {
  try {
    await ip(args);
    return true;
  } catch {
    return false;
  }
}
