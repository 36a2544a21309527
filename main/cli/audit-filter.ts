import { personOf, type OpenedStore } from '../core/index.ts';
import { ok, type Result } from '../faults/index.ts';

/** The options that choose entries. */
export interface FilterOptions {
  readonly from?: Date;
  readonly to?: Date;
  readonly site?: string;
  readonly enb?: string;
  readonly actor?: string;
}

/** The filter that options stand for. */
export function filterOf(opened: OpenedStore, { from, to, site, enb, actor }: FilterOptions) {
  const person: Result<string | undefined> = actor === undefined ? ok(undefined) : personOf(opened, actor);
  if (!person.ok) return person;
  return ok({
    ...(from && { from: wholeSecond(from) }),
    ...(to && { to: wholeSecond(to) }),
    ...(site !== undefined && { site }),
    ...(enb !== undefined && { serialNumber: enb }),
    ...(person.value !== undefined && { person: person.value }),
  });
}

/** The first whole second at or after a moment, as the log writes it: no entry lies between them. */
function wholeSecond(moment: Date): string {
  return `${new Date(Math.ceil(moment.getTime() / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
