type Child = Node | string | undefined;

/** An element with its attributes and children. Text is always text, never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const icons = {
  good: 'M5 12.5l4.5 4.5L19 7.5',
  bad: 'M6 6l12 12M18 6L6 18',
} as const;

/** An icon beside a word, so that screen readers skip it. */
export function icon(name: keyof typeof icons): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

export function button(
  label: string,
  onClick: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onClick);
  return made;
}

/** Names with their values; entries without a value are left out. */
export function facts(
  entries: readonly (readonly [name: string, value: Child])[],
  className = 'facts',
): HTMLDListElement {
  const pairs = entries.filter(([, value]) => value !== undefined);
  return element(
    'dl',
    { class: className },
    ...pairs.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** A heading with a list below it. */
export function listed(title: string, sentences: readonly string[]): HTMLElement {
  return element(
    'section',
    {},
    element('h3', {}, title),
    element('ul', {}, ...sentences.map((sentence) => element('li', {}, sentence))),
  );
}
