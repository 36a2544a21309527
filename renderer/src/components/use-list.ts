import { useKept } from '../app/kept.ts';
import { pageSize } from './use-pages.ts';

/** What a list shows, and in which order. The core selects it in its store. */
export interface ListPlace<Sort extends string> {
  readonly filter: string;
  readonly sort: Sort;
  readonly descending: boolean;
  /** How often the list was shown from its start. */
  readonly turn: number;
}

/** The place of a list, and how to change it. Each change shows the list from its start. */
export interface List<Sort extends string> {
  readonly place: ListPlace<Sort>;
  /** The input of a list call, for the top of the list. */
  readonly input: Omit<ListPlace<Sort>, 'turn'> & { readonly offset: number; readonly limit: number };
  readonly move: (next: Partial<Omit<ListPlace<Sort>, 'turn'>>) => void;
}

/** The place of a list, kept while the user is elsewhere. */
export function useList<Sort extends string>(name: string, sort: Sort, descending = false): List<Sort> {
  const [place, setPlace] = useKept<ListPlace<Sort>>(name, { filter: '', sort, descending, turn: 0 });
  const { turn, ...shown } = place;
  return {
    place,
    input: { ...shown, offset: 0, limit: pageSize },
    move: (next) => setPlace({ ...shown, ...next, turn: turn + 1 }),
  };
}
