/** A process that appends to the log of a store on command: `writer.ts FOLDER NAME COUNT`. */
import { once } from 'node:events';
import { openStore } from '../../../main/store/index.ts';
import { openLogIn } from '../../kit/log.ts';

const [folder = '', writer = '', count = ''] = process.argv.slice(2);
const store = openStore(folder);
if (!store.ok) throw new Error(store.fault.code);
const log = openLogIn(folder, store.value, {
  userName: writer,
  now: () => new Date(),
  monotonic: () => performance.now(),
});
process.send?.('ready');
await once(process, 'message');
for (let index = 0; index < Number(count); index++)
  log.append({
    action: 'prepare-run',
    subject: { operator: writer },
    facts: { rows: index, made: 0, refused: 0, results: '' },
  });
log.close();
store.value.close();
process.disconnect();
