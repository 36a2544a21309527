import { resolve } from 'node:path';
import type { Command } from 'commander';
import { probeHost } from '../core/index.ts';
import { fill, words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { collect, parsePeerPort } from './option-values.ts';
import { done, failed, type Outcome } from './outcome.ts';

const { commands, options, arguments: arguments_, ike: say } = words.cli;

/** `siteseal ike …` */
export function addIke(program: Command, add: Add): void {
  const ike = program.command('ike').description(commands.ike);
  add(
    ike,
    'probe',
    commands.ikeProbe,
    (command) =>
      command
        .argument('<host>', arguments_.gateway)
        .option('--vendor-root <file>', options.gatewayRoot, collect, [])
        .option('--untrusted <file>', options.gatewayUntrusted, collect, [])
        .option('--port <number>', options.ikePort, parsePeerPort)
        .option('--proposal <algorithms>', options.ikeProposal, collect, []),
    ikeProbe,
  );
}

interface ProbeOptions {
  readonly vendorRoot: readonly string[];
  readonly untrusted: readonly string[];
  readonly port?: number;
  readonly proposal: readonly string[];
}

/** `siteseal ike probe` */
async function ikeProbe([host = '']: readonly string[], given: ProbeOptions): Promise<Outcome> {
  const absolute = (files: readonly string[]) => files.map((file) => resolve(file));
  const probe = { host, port: given.port, proposals: given.proposal };
  const answer = await probeHost({
    ...probe,
    vendorRoots: absolute(given.vendorRoot),
    intermediates: absolute(given.untrusted),
  });
  if (!answer.ok) {
    const answered = answersRefusal.has(answer.fault.code);
    return failed(answer.fault, { answered, offersVendorRoot: null, proposals: [] });
  }
  const { address, milliseconds, proposal, vendorRoot: offersVendorRoot, keyIds } = answer.value;
  const root = given.vendorRoot.length === 0 ? 'unasked' : listing(offersVendorRoot, keyIds.length);
  return done({ answered: true, offersVendorRoot, proposals: [proposal] }, [
    fill(say.answered, { address, milliseconds: String(milliseconds) }),
    fill(say.proposal, { proposal }),
    say.root[root],
  ]);
}

/** The faults of a gateway that did answer in IKEv2. */
const answersRefusal: ReadonlySet<string> = new Set(['ike-busy', 'ike-proposal-refused']);

function listing(
  offers: true | false | null,
  count: number,
): 'listed' | 'missing' | 'intermediate' | 'nothing' {
  if (offers === null) return count === 0 ? 'nothing' : 'intermediate';
  return offers ? 'listed' : 'missing';
}
