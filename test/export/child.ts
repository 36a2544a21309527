/** Exports a log in a process that does nothing else, and reports what it used. */
import { threadCpuUsage } from 'node:process';
import { exportLog, keepHeapSmall, type LogExportFormat } from '../../main/core/index.ts';
import { openStore } from '../../main/store/index.ts';
import { openLogIn } from '../kit/log.ts';

/** What the process sends at the end. */
export interface Used {
  /** The code of a refusal. */
  readonly fault?: string;
  readonly entries?: number;
  /** The most memory of the process, in megabytes. */
  readonly memory: number;
  /** The longest time for which it held the event loop, in milliseconds of its processor time. */
  readonly longestSlice: number;
}

const [, , folder = '', out = '', format = 'csv', filter = '{}', stopAt = '0'] = process.argv;
keepHeapSmall();
const store = openStore(folder);
if (!store.ok) throw new Error(store.fault.code);
const log = openLogIn(folder, store.value);
const opened = { store: store.value, log };

let longestSlice = 0;
let before: number | undefined;
const watch = () => {
  const { user, system } = threadCpuUsage();
  const used = (user + system) / 1000;
  longestSlice = Math.max(longestSlice, used - (before ?? used));
  before = used;
};
const stop = new AbortController();
/** Runs at each turn of the event loop. */
let turn: NodeJS.Immediate;
const onTurn = () => {
  watch();
  turn = setImmediate(onTurn);
};
turn = setImmediate(onTurn);
const exported = await exportLog(opened, {
  format: format as LogExportFormat,
  filter: JSON.parse(filter) as object,
  out,
  now: new Date(),
  signal: stop.signal,
  onProgress: (done) => {
    if (stopAt !== '0' && done >= Number(stopAt)) stop.abort();
  },
});
watch();
clearImmediate(turn);
store.value.close();
const used: Used = {
  ...(exported.ok ? { entries: exported.value.entries } : { fault: exported.fault.code }),
  memory: process.resourceUsage().maxRSS / 1024,
  longestSlice,
};
process.send?.(used);
