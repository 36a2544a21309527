import type { RunRow } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';

interface Part {
  readonly text: string;
  /** A name or value from the inventory. */
  readonly isValue?: true;
}

/**
 * The problem of a row as it is read in the table: "mtu 90000: must be a whole number from 576 to 9216". The fault
 * panel below the row says the rest.
 */
export function problemParts({ field, fault }: Pick<RunRow, 'field' | 'fault'>): readonly Part[] {
  if (!fault) return [];
  const { code, message, found, expected } = fault;
  const rule = expected === undefined ? [] : [{ text: fill(words.rows.mustBe, { expected }) }];
  const isInvalid = code === 'field-invalid';
  if (isInvalid && field !== undefined && rule.length > 0) {
    const name = { text: field, isValue: true } as const;
    if (found === undefined) return [name, { text: ' ' }, ...rule];
    if (found === '') return [name, { text: ` ${words.rows.isEmpty}: ` }, ...rule];
    return [name, { text: ' ' }, { text: found, isValue: true }, { text: ': ' }, ...rule];
  }
  const value = found === undefined || found === '' ? [] : [{ text: found, isValue: true } as const];
  const facts = [...value, ...rule].flatMap((part, place) => [{ text: place === 0 ? ': ' : ', ' }, part]);
  // An invalid row without a field has the wrong number of cells, or a quote in the wrong place.
  const lead = isInvalid && field === undefined ? words.rows.malformed : message.replace(/\.$/, '');
  return facts.length === 0 ? [{ text: message }] : [{ text: lead }, ...facts];
}
