import { visibleText } from '../../faults/index.ts';
import type { ReadableEntry } from '../readable.ts';
import type { LineFormat } from './line-format.ts';
import { isFailure } from './outcome.ts';

/** The extensions, in their order: keys of CEF's dictionary. Empty ones are left out. */
const extensions: Readonly<Record<string, (entry: ReadableEntry) => string | undefined>> = {
  rt: ({ entry }) => String(Date.parse(entry.time)),
  externalId: ({ entry }) => String(entry.sequence),
  cat: ({ kind }) => kind,
  outcome: (entry) => (isFailure(entry) ? 'failure' : 'success'),
  suid: ({ entry }) => entry.actor.id,
  suser: ({ person }) => person,
  cs1Label: ({ site }) => site && 'site',
  cs1: ({ site }) => site,
  cs2Label: ({ serialNumber }) => serialNumber && 'serialNumber',
  cs2: ({ serialNumber }) => serialNumber,
  msg: ({ sentence }) => sentence,
};

/** Of RFC 5424 section 6.2.1: facility 13 is the audit log; severity 6 is informational, 4 a warning. */
const priority = (isWarning: boolean) => 13 * 8 + (isWarning ? 4 : 6);

/** A name that fits MSGID of RFC 5424 section 6.2.7: 1 to 32 printable characters of ASCII. */
const messageId = /^[\x21-\x7e]{1,32}$/;

/** The most UTF-16 code units of the name in CEF's header. */
const mostName = 512;

/**
 * CEF version 0 as messages of RFC 5424, a line each. The last extension, `rawEvent`, is the entry; its escapes are those
 * of CEF: a backslash before a backslash or an equals sign. The name of the laptop is not in the log, and so not in the
 * lines.
 */
export const cef: LineFormat = {
  header: '',
  line: (readable, { origin, version }) => {
    const { entry, sentence, text } = readable;
    const isWarning = isFailure(readable);
    const id = messageId.test(entry.action) ? entry.action : '-';
    const syslog = `<${priority(isWarning)}>1 ${entry.time} - siteseal - ${id} -`;
    const name = visibleText(sentence).slice(0, mostName).toWellFormed();
    const fields = ['Siteseal', 'Siteseal', version, visibleText(entry.action), name, isWarning ? '6' : '3'];
    const values = Object.entries(extensions).flatMap(([key, value]) => {
      const found = value(readable) ?? '';
      return found === '' ? [] : [`${key}=${escapeValue(visibleText(found))}`];
    });
    const parts = [...values, `deviceExternalId=${escapeValue(origin)}`, `rawEvent=${escapeValue(text)}`];
    return `${syslog} CEF:0|${fields.map(escapeField).join('|')}|${parts.join(' ')}\n`;
  },
};

function escapeField(text: string): string {
  return text.replace(/[\\|]/g, '\\$&');
}

function escapeValue(text: string): string {
  return text.replace(/[\\=]/g, '\\$&');
}
