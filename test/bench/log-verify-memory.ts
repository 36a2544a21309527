// Verifies the log in a folder, and prints the most memory that this process had, in bytes: see log-verify.ts.
import { keepHeapSmall, verifyLog } from '../../main/core/index.ts';
import { openStore } from '../../main/store/index.ts';
import { openLogIn } from '../kit/log.ts';

keepHeapSmall();
const folder = process.argv[2] ?? '';
const opened = openStore(folder);
if (!opened.ok) throw new Error(opened.fault.code);
const store = opened.value;
const found = await verifyLog({ store, log: openLogIn(folder, store) }, { heads: [], isTraining: false });
if (!found.ok || !found.value.intact) throw new Error(JSON.stringify(found));
store.close();
process.stdout.write(String(process.resourceUsage().maxRSS * 1024));
