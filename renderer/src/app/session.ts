import { createContext, useContext } from 'react';
import type { AppState, Connection } from '../../../preload/contract/index.ts';

/** What the core reports about itself: the start choice, training, the theme. */
export interface Session {
  readonly app: AppState;
  /** Asks again, after a call that changed it. */
  readonly again: () => void;
}

/** Provided by the application around its screens. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session around the component; throws without one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session around this component');
  return session;
}

/** Whether the administrator of this computer allows training or a connection. */
export function isAllowed({ policy }: AppState, wanted: 'training' | Connection): boolean {
  if (!policy) return true;
  return wanted === 'training' ? policy.training : policy.connections.includes(wanted);
}
