/** The element that had the focus, with its surroundings at that time: later it may be detached. */
interface Held {
  readonly element: HTMLElement;
  readonly around: readonly Element[];
}

/** Enough to find the way back out of nested dialogs. */
const remembered = 32;
const dialog = '[role="dialog"]';
const live =
  ':is(a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])):not(:disabled)';

/**
 * Keeps the focus on the page for keyboard users. When the focused element is removed or disabled, and nothing else
 * takes the focus, it moves to the nearest remaining element, or, when a dialog has closed, back to what opened it.
 */
export function keepFocus(): void {
  let trail: readonly Held[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const others = trail.filter(({ element }) => element !== target);
    trail = [...others, { element: target, around: ancestorsOf(target) }].slice(-remembered);
  });
  const isLost = () => {
    const last = trail.at(-1)?.element;
    // A click beside everything drops the focus on purpose: then the element that had it still exists.
    return last !== undefined && !isFocused() && !isUsable(last);
  };
  const restore = () => {
    if (!isLost()) return;
    placeAfter(trail)?.focus();
  };
  new MutationObserver(() => {
    if (!isLost()) return;
    clearTimeout(timer);
    // In the next turn, because a new screen or dialog takes the focus itself.
    timer = setTimeout(restore);
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
}

function isFocused(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled') && element.checkVisibility();
}

function ancestorsOf(element: Element): readonly Element[] {
  const parent = element.parentElement;
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

function firstIn(place: Element): HTMLElement | undefined {
  return [...place.querySelectorAll<HTMLElement>(live)].find((element) => element.checkVisibility());
}

/** Where the focus belongs, judged from the latest holder to the earliest. An open dialog keeps the focus inside. */
function placeAfter(trail: readonly Held[]): HTMLElement | undefined {
  const open = [...document.querySelectorAll<HTMLElement>(dialog)].at(-1);
  for (const { element, around } of trail.toReversed()) {
    const place = isUsable(element) ? element : besides(around);
    if (place && (!open || open.contains(place))) return place;
  }
  return open && (firstIn(open) ?? open);
}

/**
 * The first usable element in the nearest surroundings that remain; for a screen that is gone, the container of the
 * next.
 */
function besides(around: readonly Element[]): HTMLElement | undefined {
  for (const place of around) {
    if (!place.isConnected) continue;
    if (place instanceof HTMLElement && place.matches('main')) return place;
    const first = place.closest(`main, ${dialog}`) && firstIn(place);
    if (first) return first;
  }
  return undefined;
}
