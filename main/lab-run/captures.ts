import { join } from 'node:path';
import { ok, type Result } from '../faults/index.ts';
import { coreLeg, outerLeg, within, type Place } from './network.ts';
import type { Processes } from './processes.ts';
import type { CaptureCheck, Leg } from './scenes.ts';

/** Where each leg is captured. */
const legs: Readonly<Record<Leg, readonly [place: Place, device: string]>> = {
  outer: ['site', outerLeg],
  core: ['core', coreLeg],
  open: ['open', 'any'],
};

/** What a capture has shown. */
export interface CaptureFinding {
  readonly name: CaptureCheck['name'];
  readonly isAsExpected: boolean;
  readonly packets: number;
}

function legsOf(checks: readonly CaptureCheck[]): readonly Leg[] {
  return (Object.keys(legs) as Leg[]).filter((leg) => checks.some((check) => check.leg === leg));
}

function fileOf(folder: string, leg: Leg): string {
  return join(folder, `${leg}.pcap`);
}

/** Starts to capture the legs that are to be checked. */
export async function startCaptures(
  processes: Processes,
  namespace: (place: Place) => string,
  folder: string,
  checks: readonly CaptureCheck[],
): Promise<Result<void>> {
  const started = await Promise.all(
    legsOf(checks).map((leg) => {
      const [place, device] = legs[leg];
      const command = [
        'tcpdump',
        '-i',
        device,
        '-n',
        '-U',
        '-Z',
        'root',
        '--immediate-mode',
        '-w',
        fileOf(folder, leg),
      ];
      const start = { name: `tcpdump-${leg}`, ...within(namespace(place), command) };
      return processes.start(start, (line) => line.includes('listening on'));
    }),
  );
  return started.find((one) => !one.ok) ?? ok(undefined);
}

/** Counts packets in the captures, once nothing captures any more. */
export async function checkCaptures(
  processes: Processes,
  folder: string,
  checks: readonly CaptureCheck[],
): Promise<readonly CaptureFinding[]> {
  const judged = [];
  for (const { name, leg, filter, isAbsent } of checks) {
    const command = ['tcpdump', '-r', fileOf(folder, leg), '-n', filter] as const;
    const { code, stdout } = await processes.run({ name: `tcpdump-${name}`, command });
    const packets = stdout.split('\n').filter((line) => line !== '').length;
    judged.push({ name, packets, isAsExpected: code === 0 && isAbsent === (packets === 0) });
  }
  return judged;
}
