// The browser host with its core as a process of its own, so that a test can kill it: `host-process.ts DATA-FOLDER`.
import { startBrowserHost } from '../../main/browser-host/index.ts';
import { startCore } from '../../main/host/index.ts';
import { systemSurroundings } from '../../main/core/index.ts';
import { now } from '../kit/bundle.ts';
import { pageFolder } from './kit.ts';

const [dataFolder = ''] = process.argv.slice(2);
const core = startCore(
  { shell: 'browser', folders: [] },
  { ...systemSurroundings(), dataFolder, now: () => now },
);
const { address } = await startBrowserHost({ pageFolder, core });
process.send?.(address);
