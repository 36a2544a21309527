/** What had the focus, with what stood around it then: afterwards it may be nowhere. */
interface Held {
  readonly element: HTMLElement;
  readonly around: readonly Element[];
}

/** As far back as a way through dialogs within dialogs. */
const remembered = 32;
const dialog = '[role="dialog"]';
const live =
  ':is(a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])):not(:disabled)';

/**
 * Keeps the focus on the page for those who have no pointer. When what has it goes or is disabled, and nothing else takes
 * it, it goes to the nearest thing left beside that, or, when a dialog has closed, back to what had opened it.
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
    // Someone who clicks beside everything lets the focus go, and is let be: then what had it is still there.
    return last !== undefined && !isFocused() && !isUsable(last);
  };
  const mend = () => {
    if (!isLost()) return;
    placeAfter(trail)?.focus();
  };
  new MutationObserver(() => {
    if (!isLost()) return;
    clearTimeout(timer);
    // In the next turn: a new screen or dialog takes the focus itself.
    timer = setTimeout(mend);
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

/** Where the focus belongs, from the latest that had it to the earliest. A dialog that is open does not let it out. */
function placeAfter(trail: readonly Held[]): HTMLElement | undefined {
  const open = [...document.querySelectorAll<HTMLElement>(dialog)].at(-1);
  for (const { element, around } of trail.toReversed()) {
    const place = isUsable(element) ? element : besides(around);
    if (place && (!open || open.contains(place))) return place;
  }
  return open && (firstIn(open) ?? open);
}

/** The first live thing in the nearest surroundings that are left; of a screen that is gone, the place for the next. */
function besides(around: readonly Element[]): HTMLElement | undefined {
  for (const place of around) {
    if (!place.isConnected) continue;
    if (place instanceof HTMLElement && place.matches('main')) return place;
    const first = place.closest(`main, ${dialog}`) && firstIn(place);
    if (first) return first;
  }
  return undefined;
}
