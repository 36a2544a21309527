import type { LogPoint, LogPointCode, LogProblem } from './log-problem.ts';

/** What entries say about the log itself, where that limits what is proven. */
export class LogRemarks {
  /** How often, and at which entry last. */
  readonly #counts = new Map<LogPointCode, { count: number; entry: number }>();
  #migrated = 0;
  /** Whether a `log-key` entry may be the first one at this place. */
  #allowsFirstKey = true;
  #lastTime = '';

  /** The time of the last entry that was given. */
  get lastTime(): string {
    return this.#lastTime;
  }

  /** Takes the next entry, whose form was checked. */
  take(action: string, at: number, time: string, text: string): LogProblem | undefined {
    if (time < this.#lastTime) this.count('clock-set-back', at);
    this.#lastTime = time;
    this.#allowsFirstKey = false;
    if (action === 'log-migrated') {
      if (factsOf(text)['entries'] !== at) return { code: 'log-malformed', rule: 'log-entry-migrated' };
      this.#migrated = at;
      this.#allowsFirstKey = true;
    } else if (action === 'recovered' && factsOf(text)['tail'] === 'uncertain')
      this.count('tail-uncertain', at);
    else if (action === 'name-erased') this.count('names-erased', at);
    return undefined;
  }

  /** Whether the log may begin to be proven at the next entry: at its start, and after a migration. */
  get allowsFirstKey(): boolean {
    return this.#allowsFirstKey;
  }

  count(code: LogPointCode, entry: number): void {
    this.#counts.set(code, { count: (this.#counts.get(code)?.count ?? 0) + 1, entry });
  }

  get points(): readonly LogPoint[] {
    const counted = [...this.#counts].map(([code, facts]): LogPoint => ({ code, facts }));
    return this.#migrated === 0
      ? counted
      : [...counted, { code: 'migrated', facts: { count: this.#migrated } }];
  }
}

function factsOf(text: string): Readonly<Record<string, unknown>> {
  return (JSON.parse(text) as { readonly facts: Readonly<Record<string, unknown>> }).facts;
}
