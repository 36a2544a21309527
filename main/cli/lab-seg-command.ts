import { resolve } from 'node:path';
import { systemSurroundings } from '../core/index.ts';
import { fault } from '../faults/index.ts';
import { startLabSeg } from '../training/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { outputLoss, print, passphraseOf, visibleLines } from './terminal.ts';

const say = words.cli.seg;

interface LabSegOptions {
  readonly state?: string;
  readonly certificate: string;
  readonly key: string;
  readonly chain?: string;
  readonly trust: readonly string[];
  readonly untrusted: readonly string[];
  readonly crl: readonly string[];
  readonly identity?: string;
  readonly subnet: readonly string[];
  readonly pool: readonly string[];
  readonly listen: readonly string[];
  readonly proposal: readonly string[];
  readonly espProposal: readonly string[];
  readonly childless?: boolean;
  readonly standIn?: boolean;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** `siteseal lab seg`: prints what it is, then runs until SIGINT or SIGTERM. */
export async function labSeg(_args: readonly string[], options: LabSegOptions): Promise<Outcome> {
  const { state, chain, identity, childless = false, standIn = false } = options;
  // From the start, because the daemon must not outlive this command.
  const stopped = new Promise<'stopped'>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop('stopped'));
  });
  const started = await startLabSeg(
    {
      kind: standIn ? 'stand-in' : childless ? 'childless' : 'strongswan',
      state: state === undefined ? undefined : resolve(state),
      certificate: resolve(options.certificate),
      key: resolve(options.key),
      chain: chain === undefined ? undefined : resolve(chain),
      trust: options.trust.map((file) => resolve(file)),
      untrusted: options.untrusted.map((file) => resolve(file)),
      crls: options.crl.map((file) => resolve(file)),
      identity,
      subnets: options.subnet,
      pools: options.pool,
      addresses: options.listen,
      proposals: options.proposal,
      espProposals: options.espProposal,
    },
    passphraseOf(options.passphraseFile),
    systemSurroundings().now,
  );
  if (!started.ok) return failed(started.fault);
  const { value: seg } = started;
  const { kind, socket, ike } = seg;
  if (options.json) {
    print(`${JSON.stringify({ kind, identity: seg.identity, socket, ike })}\n`);
    // The program that started this command waits for this line.
    const lost = await outputLoss();
    if (lost) {
      await seg.close();
      return failed(lost);
    }
  }
  process.stderr.write(
    visibleLines([
      fill(say.listens, { identity: seg.identity }),
      ...(kind === 'childless' ? [say.childless] : []),
      ...(kind === 'stand-in' ? [say.standIn] : []),
      ...(ike?.includes(500) === false ? [say.withoutPort500] : []),
      ...(socket === undefined ? [] : [fill(say.socket, { socket })]),
    ]),
  );
  const end = await Promise.race([stopped, seg.exited]);
  await seg.close();
  return end === 'stopped' ? done(undefined, []) : failed(fault('ike-unavailable', { found: say.ended }));
}
