/**
 * Asks about each item, `ahead` of them at once, and yields the answers in the order of the items. It takes the next
 * item only when an answer has been used, so that answers do not pile up. Ends only once every question is answered.
 */
export async function* inOrder<Item, Answer>(
  items: Iterable<Item>,
  ahead: number,
  ask: (item: Item) => Promise<Answer>,
): AsyncGenerator<readonly [item: Item, answer: Answer]> {
  const asked: { readonly item: Item; readonly answer: Promise<Answer> }[] = [];
  const next = items[Symbol.iterator]();
  const fill = (): void => {
    while (asked.length < ahead) {
      const one = next.next();
      if (one.done === true) return;
      const answer = ask(one.value);
      // The one who waits for it learns of a failure. Until then nobody does.
      answer.catch(() => undefined);
      asked.push({ item: one.value, answer });
    }
  };
  try {
    for (;;) {
      fill();
      const first = asked.shift();
      if (!first) return;
      const answer = await first.answer;
      // Asks on before the answer is used, which takes a while.
      fill();
      yield [first.item, answer];
    }
  } finally {
    await Promise.allSettled(asked.map(({ answer }) => answer));
  }
}
