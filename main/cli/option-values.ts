import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { maximumEpoch } from '../core/index.ts';
import { failureForms, parseFailure, type Failure } from '../training/index.ts';
import { fill, words } from '../words/index.ts';
import { parseReason } from './cmp-commands.ts';

const { invalid } = words.cli;

/** The forms of a simulated failure, for the help. */
export const forms = failureForms.join(', ');

/** The values of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The values of a repeatable option that has a list of them. */
export function oneOf(names: readonly string[]) {
  return (value: string, before: readonly string[] = []): readonly string[] => {
    if (!names.includes(value))
      throw new InvalidArgumentError(fill(invalid.choice, { choices: names.join(', ') }));
    return [...before, value];
  };
}

export const parseSequence = wholeNumber(0, Number.MAX_SAFE_INTEGER, invalid.sequence);
export const parseEntries = wholeNumber(0, Number.MAX_SAFE_INTEGER, invalid.entries);
export const parseEpoch = wholeNumber(0, maximumEpoch, invalid.epoch);
export const parsePort = wholeNumber(0, 65_535, invalid.port);
export const parsePeerPort = wholeNumber(1, 65_535, invalid.port);
/** At most a century. */
export const parseMinutes = wholeNumber(1, 100 * 366 * 24 * 60, invalid.minutes);
export const parseCount = wholeNumber(0, 1000, invalid.count);
export const parseWorkers = wholeNumber(1, 1024, invalid.count);

/** As many as an inventory may have rows. */
export const parseFirst = wholeNumber(1, 1_000_000, invalid.count);

/** Minutes, before or behind: at most ten years. */
export function parseOffset(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) > 10 * 366 * 24 * 60)
    throw new InvalidArgumentError(invalid.minutes);
  return value;
}

/** `NAME=ADDRESS`, added to those before. */
export function parseAnswer(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, address = ''] = /^([a-z0-9.-]+)=(.+)$/i.exec(text) ?? [];
  if (name === undefined || isIP(address) !== 4) throw new InvalidArgumentError(invalid.answer);
  return { ...before, [name.toLowerCase()]: address };
}

/** A parser of decimal numbers in a range. */
function wholeNumber(least: number, most: number, problem: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(problem);
    return value;
  };
}

/** A CRLReason by its name or number. */
export function parseRevocation(text: string): number {
  const reason = parseReason(text);
  if (reason === undefined) throw new InvalidArgumentError(invalid.reason);
  return reason;
}

/** `HOST:PORT=ADDRESS:PORT`, added to those before. */
export function parseConnectTo(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, from, to] = /^([^=]+:\d{1,5})=([^=]+:\d{1,5})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || !URL.canParse(`tcp://${to}`))
    throw new InvalidArgumentError(invalid.connectTo);
  return { ...before, [from]: to };
}

export function parseFail(text: string): Failure {
  const failure = parseFailure(text);
  if (!failure) throw new InvalidArgumentError(fill(invalid.failure, { forms }));
  return failure;
}

/** An RFC 3339 time. */
export function parseTime(text: string): Date {
  const time = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(time.getTime())
  ) {
    throw new InvalidArgumentError(invalid.time);
  }
  return time;
}
