import { createContext, useContext } from 'react';
import type { AppState } from '../../../preload/contract/index.ts';

/** What the core says of itself: the door, training, the theme. */
export interface Session {
  readonly app: AppState;
  /** Asks once more, after a call that has changed it. */
  readonly again: () => void;
}

/** Given by the application around its screens. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session that is around the component; throws when there is none. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session around this component');
  return session;
}
