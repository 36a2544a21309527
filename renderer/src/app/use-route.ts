import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import type { Mode } from '../../../preload/contract/index.ts';
import { hashOf, homeOf, isNowhere, routeOf, type Route } from './routes.ts';

function subscribe(listener: () => void) {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash);
}

/** Where the user is now. */
export function useRoute(): Route {
  return routeOf(useHash());
}

/** Like `useRoute`. A new window, whose address names no place, begins where the user works. */
export function useRouteFrom(mode: Mode | null): Route {
  const hash = useHash();
  const home = mode !== null && isNowhere(hash) ? homeOf(mode) : undefined;
  useLayoutEffect(() => {
    if (home) go(home, true);
  }, [home]);
  return home ?? routeOf(hash);
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

/** Whether the component is still shown: an answer that comes later must not take the user elsewhere. */
export function useIsHere(): () => boolean {
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return () => isHere.current;
}
