import type { LogFilter, LogView } from '../../../../preload/contract/index.ts';
import { logKinds } from '../../../../preload/contract/log-kinds.ts';
import { useKept } from '../../app/kept.ts';
import { fill, listed, localDate, words } from '../../app/words.ts';

/** What the filter's fields hold. Empty fields restrict nothing. */
export interface FilterFields {
  readonly text: string;
  readonly site: string;
  readonly serialNumber: string;
  /** The id of someone. */
  readonly person: string;
  readonly kind: string;
  /** The first and the last day, in the laptop's zone, as YYYY-MM-DD. */
  readonly from: string;
  readonly to: string;
}

/** Restricts nothing. */
export const noFilter: FilterFields = {
  text: '',
  site: '',
  serialNumber: '',
  person: '',
  kind: '',
  from: '',
  to: '',
};

/** The fields of the log's filter, kept while the user is elsewhere. */
export function useFilterFields(): readonly [FilterFields, (next: FilterFields) => void] {
  return useKept('log.filter', noFilter);
}

/** The filter as the core takes it. */
export function filterOf({ kind, from, to, ...texts }: FilterFields): LogFilter {
  const used = Object.entries(texts).filter(([, value]) => value.trim() !== '');
  const known = logKinds.find((one) => one === kind);
  const [start, end] = [startOf(from, 0), startOf(to, 1)];
  return {
    ...(Object.fromEntries(used.map(([name, value]) => [name, value.trim()])) as LogFilter),
    ...(known && { kind: known }),
    ...(start !== undefined && { from: start }),
    ...(end !== undefined && { to: end }),
  };
}

/** Whether it restricts anything. */
export function isFilter(filter: LogFilter): boolean {
  return Object.keys(filter).length > 0;
}

/** When a local day begins, some days later, as RFC 3339 in UTC. Undefined while the day is incomplete. */
function startOf(day: string, later: number): string | undefined {
  const [year, month, date] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? []).slice(1).map(Number);
  if (!year || !month || !date) return undefined;
  return `${new Date(year, month - 1, date + later).toISOString().slice(0, 19)}Z`;
}

/** The filter in words: "site S00002, people: Ada, and from 1 Nov 2026". */
export function filterSentence(fields: FilterFields, people: LogView['people']): string {
  const { parts, kinds } = words.log;
  const filter = filterOf(fields);
  const person = people.find(({ id }) => id === filter.person);
  const values: Readonly<Record<keyof LogFilter, string | undefined>> = {
    site: filter.site,
    serialNumber: filter.serialNumber,
    person: filter.person === undefined ? undefined : (person?.name ?? words.log.erased),
    kind: filter.kind && kinds[filter.kind],
    from: filter.from && localDate(filter.from),
    to: filter.to && localDate(`${fields.to}T00:00:00`),
    text: filter.text,
  };
  const used = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [fill(parts[name as keyof LogFilter], { value })],
  );
  return listed(used);
}
