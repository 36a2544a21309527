import { resolve } from 'node:path';
import { createCore, pathOfFile, pathProblem, type PathCheck, type PathFromPlace } from '../core/index.ts';
import { faultRecord, fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { systemTerminal } from './terminal.ts';
import { trustFiles, type TrustOptions } from './trust-options.ts';

const say = words.cli.enb.path;

interface Options extends TrustOptions {
  readonly ethernet?: string;
  readonly usb?: string | true;
}

/** `siteseal enb check-path` */
export async function enbCheckPath([bundle]: readonly string[], options: Options): Promise<Outcome> {
  const { ethernet, usb } = options;
  const file = bundle === undefined ? undefined : resolve(bundle);
  const core = createCore();
  const terminal = systemTerminal();
  try {
    const request = { file, ethernet, usb, trust: trustFiles(options) };
    const places = await pathOfFile(core, request, (place) => terminal.progress(say.checking[place]));
    terminal.endProgress();
    return places.ok ? toOutcome(places.value) : failed(places.fault);
  } finally {
    core.stores.close();
  }
}

/** Fails with the first problem. What the laptop finds counts only for what the eNB did not check. */
function toOutcome(places: readonly PathFromPlace[]): Outcome {
  const document = {
    places: places.map(({ fault, checks, ...place }) => ({
      ...place,
      checks: checks.map(({ fault: reason, ...check }) => ({
        ...check,
        ...(reason && { fault: faultRecord(reason) }),
      })),
      ...(fault && { fault: faultRecord(fault) }),
    })),
  };
  const lines = places.flatMap(({ place, checks }) => [say.places[place], ...checks.map(lineOf)]);
  const enb = places.find(({ place }) => place === 'enb');
  const counting = places.flatMap(({ place, checks }) =>
    checks.filter(({ check }) => place === 'enb' || !enb || check === 'clock'),
  );
  const problem = enb?.fault ?? pathProblem(counting);
  return problem ? failed(problem, document, lines) : done(document, [...lines, say.clear]);
}

function lineOf({ check, gateway, outcome, figure, fault }: PathCheck): string {
  const name = gateway === undefined ? say.checks[check] : `${say.checks[check]} (${gateway})`;
  const details = [figure, fault?.code].filter((text) => text !== undefined).join(', ');
  const facts = { check: name, outcome: say.outcomes[outcome], details };
  return fill(details === '' ? say.line : say.detailed, facts);
}
