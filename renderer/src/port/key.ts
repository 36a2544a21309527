const name = 'siteseal-key';

/**
 * The page's own secret for the browser host. The document at the one-time address contains it. Only this tab keeps it,
 * even across a reload. Undefined in any other tab.
 */
export function takeKey(): string | undefined {
  const brought = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
  if (brought) {
    sessionStorage.setItem(name, brought.content);
    brought.remove();
    history.replaceState(null, '', `/${location.hash}`); // the token is used up
  }
  return sessionStorage.getItem(name) ?? undefined;
}
