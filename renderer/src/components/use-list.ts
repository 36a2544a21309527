import { useKept } from '../app/kept.ts';

/** Which part of a list is shown, and how. The core selects it in its store. */
export interface ListPlace<Sort extends string> {
  readonly filter: string;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly offset: number;
}

/** How many rows of a list are shown at a time. */
export const limit = 50;

/** The place of a list, and how to change it. A change returns to the start of the list unless it sets an offset. */
export interface List<Sort extends string> {
  readonly place: ListPlace<Sort>;
  /** The input of a list call. */
  readonly input: ListPlace<Sort> & { readonly limit: number };
  readonly move: (next: Partial<ListPlace<Sort>>) => void;
}

/** The place of a list, kept while the user is elsewhere. */
export function useList<Sort extends string>(name: string, sort: Sort, descending = false): List<Sort> {
  const [place, setPlace] = useKept<ListPlace<Sort>>(name, { filter: '', sort, descending, offset: 0 });
  return {
    place,
    input: { ...place, limit },
    move: (next) => setPlace({ ...place, offset: 0, ...next }),
  };
}
