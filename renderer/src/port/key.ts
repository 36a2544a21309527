const name = 'siteseal-key';

/**
 * The page's own secret for the browser host. The document that the one-time address opens brings it along; this tab
 * alone keeps it, also over a reload. Undefined in any other tab.
 */
export function takeKey(): string | undefined {
  const brought = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
  if (brought) {
    sessionStorage.setItem(name, brought.content);
    brought.remove();
    history.replaceState(null, '', `/${location.hash}`); // the token has been used
  }
  return sessionStorage.getItem(name) ?? undefined;
}
