/** Whether the tool's claims about its deliveries are true. Each function returns the false ones, as sentences. */
import type { Claim } from './messages.ts';
import type { EnbDisk, HomeDisk, ReadReceipt } from './disk.ts';
import type { DeliveryEntry } from './record.ts';

type Subject = Pick<DeliveryEntry, 'id' | 'serial' | 'sequence' | 'bundleSha256'>;

/** Whether a claim about one bundle is true on the disk of its eNB. */
export function judgeClaim(
  { id, sequence, bundleSha256 }: Subject,
  claim: Claim,
  enb: EnbDisk,
): readonly string[] {
  const answers = enb.history.filter((entry) => entry.bundleSha256 === bundleSha256);
  const hadIt = answers.some(({ accepted }) => accepted);
  const { stored } = enb;
  const hasIt = stored?.bundleSha256 === bundleSha256;
  const hasLater = stored !== undefined && stored.sequence > sequence;
  const says = `${id}: the tool says ${claim.delivery}`;
  switch (claim.delivery) {
    case 'none':
      // By drive, the tool knows only about the drive, until a receipt arrives.
      return hadIt && claim.carried === 'none' ? [`${says}, and the eNB took the bundle`] : [];
    case 'selected':
      return answers.length > 0 ? [`${says}, and the eNB was given the bundle`] : [];
    case 'sending':
      return [];
    case 'sent':
      return hadIt ? [] : [`${says}, and the eNB never took the bundle`];
    case 'refused':
      return answers.some(({ accepted }) => !accepted)
        ? []
        : [`${says}, and the eNB never refused the bundle`];
    case 'verdict':
    case 'receipt':
      return hadIt && (hasIt || hasLater)
        ? []
        : [`${says}, and the eNB's disk does not hold the octets of the bundle`];
  }
}

/** Whether everything on the disks is true at the end. */
export function judgeAll(
  entries: readonly DeliveryEntry[],
  home: HomeDisk,
  enbOf: (serial: string) => EnbDisk,
): readonly string[] {
  const claims = entries.flatMap((entry) => {
    const { delivery, carried } = claimOf(entry, home);
    return [
      ...judgeClaim(entry, { delivery, carried }, enbOf(entry.serial)),
      ...(delivery === entry.claim.delivery && carried === entry.claim.carried
        ? []
        : [`${entry.id}: the tool said ${JSON.stringify(entry.claim)} and has ${delivery}, ${carried}`]),
      ...judgeProof(entry, home),
    ];
  });
  const serials = [...new Set(entries.map(({ serial }) => serial))];
  return [
    ...home.faults,
    ...claims,
    ...judgeFiles(entries, home),
    ...serials.flatMap((serial) => [
      ...judgeSequences(serial, enbOf(serial)),
      ...judgeNumbers(serial, enbOf(serial), home),
    ]),
  ];
}

function claimOf({ bundleSha256 }: Subject, { deliveries, carried }: HomeDisk): Claim {
  return {
    delivery: deliveries.get(bundleSha256)?.state ?? 'none',
    carried: carried.get(bundleSha256)?.state ?? 'none',
  } as Claim;
}

/** The receipts about one bundle, and what the rows claim about them. */
function judgeProof({ id, serial, bundleSha256 }: Subject, home: HomeDisk): readonly string[] {
  const row = home.deliveries.get(bundleSha256);
  const receipts = home.receipts.filter((receipt) => receipt.bundleSha256 === bundleSha256);
  const proof = receipts.find(({ sha256 }) => sha256 === row?.receiptSha256);
  const onDrive = home.carried.get(bundleSha256);
  const lies: string[] = [];
  if (row?.state === 'receipt' && !(proof?.accepted && proof.serial === serial)) {
    lies.push(
      `${id}: the tool says receipt, and there is none in its store by which the eNB accepts the bundle`,
    );
  }
  if (receipts.some(({ accepted }) => accepted) && row?.state !== 'receipt') {
    lies.push(`${id}: there is a receipt, and the tool says ${row?.state ?? 'nothing'}`);
  }
  const isAnswer = (receipt: ReadReceipt) => receipt.accepted || receipt.challenge === onDrive?.challenge;
  if (onDrive && receipts.some(isAnswer)) {
    lies.push(`${id}: the tool says ${onDrive.state} on a drive, and its receipt is in the store`);
  }
  return lies;
}

/** No receipt is lost: each receipt that the tool reported or stored is also a file, with the same bytes. */
function judgeFiles(entries: readonly DeliveryEntry[], { receipts, files }: HomeDisk): readonly string[] {
  const known = new Set(receipts.map(({ sha256 }) => sha256));
  const told = entries.flatMap(({ receipts: names }) => names);
  return [
    ...receipts
      .map((receipt) => ({ ...receipt, name: `${receipt.serial}-${receipt.number}.receipt.p7m` }))
      .filter(({ name, sha256 }) => files.get(name) !== sha256)
      .map(({ name }) => `${name} is in the store, and the file is not there or another`),
    ...told
      .filter((name) => !known.has(files.get(name) ?? ''))
      .map((name) => `${name} was told of, and is not in the store`),
  ];
}

/** No eNB has accepted two bundles with one sequence number, or gone back. */
function judgeSequences(serial: string, { history }: EnbDisk): readonly string[] {
  const accepted = history.filter((entry) => entry.accepted);
  return accepted.flatMap((entry, index) => {
    const { sequence = 0, bundleSha256 } = entry;
    const before = accepted[index - 1];
    if (!before || before.bundleSha256 === bundleSha256) return [];
    return (before.sequence ?? 0) < sequence
      ? []
      : [`${serial} took two bundles with the sequence number ${sequence}`];
  });
}

/** The numbers of an eNB's receipts rise, and none is beyond what the eNB has issued. */
function judgeNumbers(serial: string, { receiptNumber }: EnbDisk, home: HomeDisk): readonly string[] {
  const numbers = home.receipts.filter((one) => one.serial === serial).map(({ number }) => number);
  const rises = numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
  const within = numbers.every((number) => number <= receiptNumber);
  return rises && within ? [] : [`${serial}: the receipts are numbered ${numbers.join(', ')}`];
}
