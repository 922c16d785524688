import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The data file is torn, or not a data file at all. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** Bytes of a page header: page number, transaction, padding, flags, and the bounds of the free space. */
const HEADER = 24;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;
const NODE = 8;
const BIG_DATA = 0x01;
const NO_PAGE = 2n ** 64n - 1n;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** Root and depth of the tree of free pages and of the tree of data. */
  readonly trees: readonly { readonly root: bigint; readonly depth: number; readonly entries: bigint }[];
}

/**
 * Checks that a file is an LMDB file whose last commit is there as a whole. LMDB itself maps the file and trusts it: a
 * torn one would end the process.
 * @param budget milliseconds for looking at the leaf pages; the pages above them are always looked at.
 * @throws DamagedFileError with the first fault found.
 */
export function verifyFile(path: string, budget = Infinity): void {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    if (size > 0) new PageWalk(fd, size).run(performance.now() + budget);
  } finally {
    closeSync(fd);
  }
}

class PageWalk {
  readonly #meta: Meta;
  readonly #page: Buffer;
  readonly #header = Buffer.alloc(HEADER);

  constructor(
    private readonly fd: number,
    private readonly size: number,
  ) {
    const first = this.#readMeta(0);
    const second = this.#readMeta(first.pageSize);
    this.#meta = first.transaction >= second.transaction ? first : second;
    this.#page = Buffer.alloc(this.#meta.pageSize);
  }

  run(deadline: number): void {
    for (const { root, depth, entries } of this.#meta.trees) {
      if (root === NO_PAGE) {
        if (entries !== 0n) fail('a tree has entries but no root');
        continue;
      }
      let level = [this.#pageNumber(root)];
      for (let remaining = depth; remaining > 1; remaining--) level = level.flatMap((page) => this.#children(page));
      this.#checkLeaves(level, deadline);
    }
  }

  #readMeta(offset: number): Meta {
    const bytes = Buffer.alloc(200);
    if (readSync(this.fd, bytes, 0, bytes.length, offset) < bytes.length) fail('it ends within its first pages');
    if (bytes.readUInt32LE(HEADER) !== MAGIC || (bytes.readUInt16LE(18) & META) === 0)
      fail('it is not a data file of this program');
    if (bytes.readUInt32LE(HEADER + 4) !== DATA_VERSION) fail('it was written by another version of the storage');
    const pageSize = bytes.readUInt32LE(HEADER + 24);
    if (pageSize < 256 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) fail('its page size is wrong');
    const tree = (at: number): Meta['trees'][number] => ({
      depth: bytes.readUInt16LE(at + 6),
      entries: bytes.readBigUInt64LE(at + 32),
      root: bytes.readBigUInt64LE(at + 40),
    });
    return {
      pageSize,
      trees: [tree(HEADER + 24), tree(HEADER + 72)],
      lastPage: Number(bytes.readBigUInt64LE(HEADER + 120)),
      transaction: bytes.readBigUInt64LE(HEADER + 128),
    };
  }

  #pageNumber(page: bigint): number {
    if (page < 2n || page > BigInt(this.#meta.lastPage)) fail(`it refers to page ${page}, which does not exist`);
    return Number(page);
  }

  #read(page: number, into: Buffer): void {
    if (readSync(this.fd, into, 0, into.length, page * this.#meta.pageSize) < into.length) {
      fail(`it ends before page ${page} of ${this.#meta.lastPage} (${this.size} bytes)`);
    }
    if (into.readBigUInt64LE(0) !== BigInt(page)) fail(`page ${page} is not what it should be`);
  }

  #children(page: number): number[] {
    const bytes = this.#page;
    this.#read(page, bytes);
    if ((bytes.readUInt16LE(18) & BRANCH) === 0) fail(`page ${page} is not the inner page it should be`);
    return nodes(bytes, page).map((at) => {
      const number =
        BigInt(bytes.readUInt16LE(at)) |
        (BigInt(bytes.readUInt16LE(at + 2)) << 16n) |
        (BigInt(bytes.readUInt16LE(at + 4)) << 32n);
      return this.#pageNumber(number);
    });
  }

  #checkLeaves(pages: readonly number[], deadline: number): void {
    for (const page of pages) {
      if (performance.now() > deadline) return;
      const bytes = this.#page;
      this.#read(page, bytes);
      if ((bytes.readUInt16LE(18) & LEAF) === 0) fail(`page ${page} is not the leaf page it should be`);
      for (const at of nodes(bytes, page))
        if ((bytes.readUInt16LE(at + 4) & BIG_DATA) !== 0) this.#checkOverflow(bytes, at);
    }
  }

  /** A value too large for its page lies on pages of its own. */
  #checkOverflow(bytes: Buffer, at: number): void {
    const reference = at + NODE + bytes.readUInt16LE(at + 6);
    if (reference + 8 > bytes.length) fail('a reference lies outside of its page');
    const page = this.#pageNumber(bytes.readBigUInt64LE(reference));
    this.#read(page, this.#header);
    const count = this.#header.readUInt32LE(20);
    if ((this.#header.readUInt16LE(18) & OVERFLOW) === 0) fail(`page ${page} does not hold the value it should`);
    if ((page + count) * this.#meta.pageSize > this.size) fail(`it ends within the value on page ${page}`);
  }
}

/** Places of the nodes of a page. */
function nodes(bytes: Buffer, page: number): number[] {
  const count = bytes.readUInt16LE(20) >> 1;
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const pointer = HEADER + 2 * i;
    const at = pointer + 2 <= bytes.length ? bytes.readUInt16LE(pointer) + HEADER : bytes.length;
    if (at + NODE > bytes.length) fail(`page ${page} is torn`);
    found.push(at);
  }
  return found;
}

function fail(fault: string): never {
  throw new DamagedFileError(`The data file is damaged: ${fault}.`);
}
