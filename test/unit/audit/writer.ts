/** A process that appends to the log of a store on command: `writer.ts FOLDER NAME COUNT`. */
import { once } from 'node:events';
import { openLog } from '../../../main/audit/index.ts';
import { openStore } from '../../../main/store/index.ts';

const [folder = '', writer = '', count = ''] = process.argv.slice(2);
const store = openStore(folder);
if (!store.ok) throw new Error(store.fault.code);
const log = openLog(store.value, {
  actor: { name: writer, standing: 'declared' },
  bootId: 'boot',
  training: false,
  now: () => new Date(),
  monotonic: () => performance.now(),
});
process.send?.('ready');
await once(process, 'message');
for (let index = 0; index < Number(count); index++)
  log.append({ action: 'prepare-run', subject: { writer }, facts: { index } });
store.value.close();
process.disconnect();
