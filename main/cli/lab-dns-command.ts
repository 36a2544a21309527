import { startLabDns } from '../training/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { outputLoss, print, visibleLines } from './terminal.ts';

interface LabDnsOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** `siteseal lab dns`: prints where it listens, then runs until SIGINT or SIGTERM. */
export async function labDns(_args: readonly string[], options: LabDnsOptions): Promise<Outcome> {
  const { host, answer, json } = options;
  const stopped = new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  const started = await startLabDns(host, options.port, answer);
  if (!started.ok) return failed(started.fault);
  const { port } = started.value;
  if (json) print(`${JSON.stringify({ port })}\n`);
  const lost = await outputLoss();
  if (!lost) {
    process.stderr.write(visibleLines([fill(words.cli.dns.listens, { host, port })]));
    await stopped;
  }
  await started.value.close();
  return lost ? failed(lost) : done(undefined, []);
}
