/**
 * Makes docs/test-vectors/ again: `npm exec -- node test/vectors/make-vectors.ts`. Keys, nonces and signatures differ
 * each time, and published vectors must stay: run it only when the formats have changed. Needs `openssl`, which makes
 * some of the vectors. Stops when the verdict on a vector is not the expected one.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { encodePem } from '../../main/asn1/index.ts';
import type { Receipt, Verdict } from '../../main/bundle/index.ts';
import { acceptedCases } from './accepted-cases.ts';
import type { Case } from './case.ts';
import { configurationCases, jsonCases, targetCases } from './content-cases.ts';
import { challenge, exampleInventory, exampleProfile, keyFiles, makeExample } from './example.ts';
import { envelopeCases, signatureCases } from './form-cases.ts';
import { receiptCases } from './receipt-cases.ts';
import { sealedBindingCases, sealedFormCases } from './sealed-cases.ts';
import { crlCases, signerCases, storedCrl } from './signer-cases.ts';
import {
  judgeVector,
  vectorsFolder,
  type BundleVector,
  type ReceiptVector,
  type VectorContext,
} from './vector.ts';
import { at, makeWorld } from './world.ts';

/** What is made here; README.md is written by hand and stays. */
const folders = ['keys', 'context', 'example', 'accepted', 'refused'];

const vendorRoots = ['keys/vendor-root.crt'];

/** An eNB that knows everything. */
const wholeContext: VectorContext = {
  vendorRoots,
  clock: 'exact',
  enb: { certificate: 'keys/LAB0001.crt' },
  enbKey: 'keys/LAB0001.key',
  lastEpoch: 0,
  lastSequence: 3,
};

for (const folder of folders) rmSync(join(vectorsFolder, folder), { recursive: true, force: true });
const world = makeWorld();
writeKeys();
write('example/inventory.csv', exampleInventory());
write('example/operator.json', await pretty(exampleProfile));
const example = await makeExample(world);
for (const [name, contents] of Object.entries(example)) write(`example/${name}`, contents);
const bundles = [exampleVector(), ...(await allCases()).map(toVector)];
write('vectors.json', await pretty({ bundles, receipts: await receiptVectors() }));
console.log(`${bundles.length} bundles`);

function write(name: string, contents: Uint8Array | string): void {
  const file = join(vectorsFolder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}

async function pretty(value: unknown): Promise<string> {
  const config = await resolveConfig(import.meta.filename);
  return format(JSON.stringify(value), { ...config, parser: 'json' });
}

function writeKeys(): void {
  const { vendor, configuration, operatorRoot, enbs } = world;
  const pairs = {
    'vendor-root': vendor.root,
    'vendor-issuing': vendor.issuing,
    'operator-root': operatorRoot,
    configuration,
    ...enbs,
  };
  for (const [name, { certificate }] of Object.entries(pairs))
    write(`keys/${name}.crt`, encodePem('CERTIFICATE', certificate.der));
  for (const [name, contents] of Object.entries(keyFiles(world))) write(`keys/${name}`, contents);
  write('context/revoked.crl', encodePem('X509 CRL', storedCrl(world).der));
}

async function allCases(): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const make of [
    acceptedCases,
    envelopeCases,
    jsonCases,
    signatureCases,
    signerCases,
    crlCases,
    targetCases,
    sealedFormCases,
    sealedBindingCases,
    configurationCases,
  ]) {
    for await (const one of make(world)) cases.push(one);
  }
  return cases;
}

function toVector({ name, shows, bundle, fails, at: time = at, context: changes }: Case): BundleVector {
  const file = `${fails.length === 0 ? 'accepted' : 'refused'}/${name}.p7m`;
  write(file, bundle);
  // JSON leaves out undefined members.
  const context = JSON.parse(JSON.stringify({ ...wholeContext, ...changes })) as VectorContext;
  return judged({ file, shows, at: seconds(time), context }, fails);
}

function exampleVector(): BundleVector {
  const shows = 'the bundle of the example, for the first time';
  const context = { ...wholeContext, lastSequence: 0 };
  return judged({ file: 'example/LAB0001.p7m', shows, at: seconds(at), context }, []);
}

/** The verdict, once it is known to be the one that the case asks for. */
function judged(vector: Omit<BundleVector, 'verdict'>, fails: readonly string[]): BundleVector {
  const verdict: Verdict = judgeVector(vector);
  const failed = verdict.checks.filter((check) => check.ok === false).map(({ code }) => code);
  const isExpected = verdict.accepted === (fails.length === 0) && failed.join() === fails.join();
  if (!isExpected) throw new Error(`${vector.file}: expected ${fails.join()}, found ${failed.join()}`);
  return { ...vector, verdict };
}

async function receiptVectors(): Promise<readonly ReceiptVector[]> {
  const context = {
    vendorRoots,
    bundle: 'example/LAB0001.p7m',
    challenge,
    enb: { certificate: 'keys/LAB0001.crt' },
  };
  const ofExample: ReceiptVector = {
    file: 'example/LAB0001.receipt.p7m',
    shows: 'the receipt of the example',
    at: seconds(at),
    context,
    valid: true,
  };
  const content = JSON.parse(String(example['LAB0001.receipt.txt'])) as Receipt;
  const vectors = [ofExample];
  for await (const { name, shows, receipt, valid } of receiptCases(world, content)) {
    const file = `refused/${name}.p7m`;
    write(file, receipt);
    vectors.push({ file, shows, at: seconds(at), context, valid });
  }
  return vectors;
}

function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}
