// A thread that does a share of the limit's cryptography when it is asked to.
import { parentPort, workerData } from 'node:worker_threads';
import { doCryptography, type Material, type Share } from './limit.ts';

parentPort?.on('message', (material: Material) => {
  doCryptography(workerData as Share, material);
  parentPort?.postMessage('done');
});
