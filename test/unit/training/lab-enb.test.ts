import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startLabEnb } from '../../../main/training/index.ts';
import { fileNames } from '../../../main/drive/index.ts';
import type { DriveEvent } from '../../../main/lab/index.ts';
import { ok } from '../../../main/faults/index.ts';
import { makeScene } from '../../kit/bundle.ts';
import { temporaryFolder, writeFactoryFiles } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('a defect met while the lab looks at a drive is told, and the eNB stays', async (context) => {
  const folder = temporaryFolder();
  const files = writeFactoryFiles(makeScene(), folder);
  const onDrive = join(folder, 'drive', 'siteseal', 'LAB0001');
  mkdirSync(onDrive, { recursive: true });
  for (const name of [fileNames.bundle, fileNames.request]) writeFileSync(join(onDrive, name), 'garbage');
  const events: DriveEvent[] = [];
  const told = Promise.withResolvers<undefined>();
  const onEvent = (event: DriveEvent) => {
    events.push(event);
    if (events.length === 1) throw new TypeError('a defect');
    told.resolve(undefined);
  };
  const request = { ...files, host: '127.0.0.1', port: 0 };
  const drive = { folder: join(folder, 'drive'), onEvent };
  const enb = await startLabEnb({ ...request, drive }, surroundingsIn(folder), () =>
    Promise.resolve(ok(undefined)),
  );
  assert(enb.ok, JSON.stringify(enb));
  context.after(() => enb.value.close());
  await told.promise;
  assert.deepEqual(events.at(-1), {
    kind: 'failed',
    folder: drive.folder,
    fault: { code: 'internal-error', found: 'TypeError' },
  });
});

test('an eNB that is not for training refuses the stand-in for IPsec', async () => {
  const folder = temporaryFolder();
  const files = writeFactoryFiles(makeScene(), folder);
  const request = { ...files, host: '127.0.0.1', port: 0, ipsec: { kind: 'stand-in' } } as const;
  const enb = await startLabEnb(request, surroundingsIn(folder), () => Promise.resolve(ok(undefined)));
  assert.equal(!enb.ok && enb.fault.code, 'training-mismatch');
});
