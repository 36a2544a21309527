import connect from '../../../assets/locales/en/page/connect.json' with { type: 'json' };
import delivery from '../../../assets/locales/en/page/delivery.json' with { type: 'json' };
import frame from '../../../assets/locales/en/page/frame.json' with { type: 'json' };
import log from '../../../assets/locales/en/page/log.json' with { type: 'json' };
import office from '../../../assets/locales/en/page/office.json' with { type: 'json' };
import components from '../../../assets/locales/en/page/components.json' with { type: 'json' };
import setup from '../../../assets/locales/en/page/setup.json' with { type: 'json' };
import site from '../../../assets/locales/en/page/site.json' with { type: 'json' };
import training from '../../../assets/locales/en/page/training.json' with { type: 'json' };
import tunnel from '../../../assets/locales/en/page/tunnel.json' with { type: 'json' };

/** All of the page's own words. The words of faults and checks come from the core. */
export const words = {
  ...frame,
  ...components,
  ...site,
  ...connect,
  ...delivery,
  ...office,
  ...log,
  ...setup,
  ...training,
  ...tunnel,
};

/** Puts values into the `{places}` of a sentence. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A number with its noun, in the plural form that the language requires. */
export function counted(
  forms: { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>,
  value: number,
): string {
  return fill(forms[plurals().select(value)] ?? forms.other, { count: count(value) });
}

/** Makes a formatter on first use: formatters are slow to make, and the first screen needs none. */
function lazily<Formatter>(make: () => Formatter): () => Formatter {
  let formatter: Formatter | undefined;
  return () => (formatter ??= make());
}

const plurals = lazily(() => new Intl.PluralRules('en'));
const counts = lazily(() => new Intl.NumberFormat('en'));
const times = lazily(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }));
const dates = lazily(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }));
const seconds = lazily(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }));
const clocks = lazily(() => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }));
const zoned = lazily(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' }));

const lists = lazily(() => new Intl.ListFormat('en-GB'));

/** "0, 0.5 and 1" */
export function listed(parts: readonly string[]): string {
  return lists().format(parts);
}

const languages = lazily(() => new Intl.DisplayNames('en', { type: 'language' }));

/** The name of a language: English for `en`. */
export function languageName(code: string): string {
  return languages().of(code) ?? code;
}

/** 12,345 */
export function count(value: number): string {
  return counts().format(value);
}

/** An RFC 3339 time in the laptop's zone. Text that is not a time stays unchanged. */
export function localTime(time: string): string {
  return formatted(times, time);
}

/** Like `localTime`, with seconds. */
export function localTimeToSecond(time: string): string {
  return formatted(seconds, time);
}

/** The laptop's time zone, such as Europe/Stockholm. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The hour and minute of an RFC 3339 time, in the laptop's zone. */
export function localClock(time: string): string {
  return formatted(clocks, time);
}

/** Like `localTime`, with seconds and the zone. */
export function localTimeWithZone(time: string): string {
  return formatted(zoned, time);
}

/** The day of an RFC 3339 time. */
export function localDate(time: string): string {
  return formatted(dates, time);
}

function formatted(format: () => Intl.DateTimeFormat, time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : format().format(date);
}

const sizes = (['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const).map((unit) =>
  lazily(() => new Intl.NumberFormat('en', { style: 'unit', unit, maximumFractionDigits: 1 })),
);

/** A number of bytes in the unit that fits, as on drive labels: 16 GB. */
export function formatBytes(value: number): string {
  const place = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return sizes[place]?.().format(value / 1000 ** place) ?? '';
}

/** A number of seconds as "2 min 5 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return fill(words.units.hours, { hours, minutes });
  if (minutes > 0) return fill(words.units.minutes, { minutes, seconds: rest });
  return fill(words.units.seconds, { seconds: rest });
}
