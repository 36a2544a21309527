import { useSyncExternalStore } from 'react';
import { hashOf, routeOf, type Route } from './routes.ts';

function subscribe(listener: () => void) {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** Where the user is now. */
export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => window.location.hash));
}

/** Goes to a screen. `replace` adds no entry to the history. */
export function go(route: Route, replace = false): void {
  if (replace) {
    window.history.replaceState(null, '', hashOf(route));
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    window.location.hash = hashOf(route);
  }
}
