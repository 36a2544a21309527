import type { Transform } from './algorithms.ts';
import { ByteReader, MessageError, uint16 } from './byte-reader.ts';
import type { Proposal } from './proposal.ts';

/** The body of an SA payload in IKE_SA_INIT (RFC 7296 section 3.3): proposals for IKE, without SPI. */

const protocolIke = 1;
/** The type field of the only attribute: the key length, in the short form (RFC 7296 section 3.3.5). */
const keyLength = 0x800e;
const shortForm = 0x8000;
const [moreProposals, moreTransforms] = [2, 3];

/** The most proposals, and transforms of each. Each is more than any real gateway sends. */
const maximum = { proposals: 64, transforms: 128 } as const;

export function readProposals(body: ByteReader): readonly Proposal[] {
  return readList(body, moreProposals, maximum.proposals, readProposal);
}

/** A list whose items have a length and say whether another follows. It must fill the reader. */
function readList<Item>(
  reader: ByteReader,
  more: number,
  most: number,
  readItem: (item: ByteReader) => Item,
): readonly Item[] {
  const items: Item[] = [];
  for (let isLast = false; !isLast;) {
    const mark = reader.uint8();
    if ((mark !== 0 && mark !== more) || items.length >= most) throw new MessageError('ike-payload');
    isLast = mark === 0;
    reader.uint8();
    items.push(readItem(new ByteReader(reader.bytes(reader.uint16() - 4))));
  }
  if (reader.left > 0) throw new MessageError('ike-payload');
  return items;
}

function readProposal(item: ByteReader): Proposal {
  const [number, protocol] = [item.uint8(), item.uint8()];
  const [spi, count] = [item.uint8(), item.uint8()];
  if (protocol !== protocolIke || spi !== 0) throw new MessageError('ike-payload');
  const transforms = readList(item, moreTransforms, maximum.transforms, readTransform);
  if (transforms.length !== count) throw new MessageError('ike-payload');
  return { number, transforms };
}

function readTransform(item: ByteReader): Transform {
  const type = item.uint8();
  item.uint8();
  const id = item.uint16();
  let keyBits: number | undefined;
  let isUnknown = false;
  while (item.left > 0) {
    const attribute = item.uint16();
    const value = item.uint16();
    if (attribute === keyLength && keyBits === undefined) keyBits = value;
    else isUnknown = true;
    if ((attribute & shortForm) === 0) item.bytes(value);
  }
  return { type, id, ...(keyBits !== undefined && { keyBits }), ...(isUnknown && { isUnknown }) };
}

export function writeProposals(proposals: readonly Proposal[]): Uint8Array {
  const bodies = proposals.map(({ number, transforms }, index) =>
    Buffer.concat([
      Buffer.of(number ?? index + 1, protocolIke, 0, transforms.length),
      writeList(transforms.map(writeTransform), moreTransforms),
    ]),
  );
  return writeList(bodies, moreProposals);
}

function writeList(items: readonly Uint8Array[], more: number): Buffer {
  return Buffer.concat(
    items.flatMap((item, index) => [
      Buffer.of(index + 1 < items.length ? more : 0, 0),
      uint16(4 + item.length),
      item,
    ]),
  );
}

function writeTransform({ type, id, keyBits }: Transform): Uint8Array {
  const attributes = keyBits === undefined ? [] : [uint16(keyLength), uint16(keyBits)];
  return Buffer.concat([Buffer.of(type, 0), uint16(id), ...attributes]);
}
