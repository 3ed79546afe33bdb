// Reads what R wrote: its serialisation (XDR, versions 2 and 3), as far as vectors and their names go, and the pair of
// files in which an R package keeps its data sets (an index .rdx, and .rdb, the values one after another).

import zlib from 'node:zlib';

const kSymbol = 1;
const kPairs = 2;
const kString = 9;
const kLogical = 10;
const kInteger = 13;
const kReal = 14;
const kStrings = 16;
const kList = 19;
const kReference = 255;
const kNil = 254;

class Reader {
  #bytes;
  #at = 0;
  #references = [];

  constructor(bytes) {
    this.#bytes = bytes;
  }

  #integer() {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  #real() {
    this.#at += 8;
    return this.#bytes.readDoubleBE(this.#at - 8);
  }

  #vector(read) {
    return Array.from({ length: this.#integer() }, read);
  }

  /** The header: a format letter, a line's end, versions, and in version 3 the name of the encoding. */
  header() {
    if (this.#bytes.toString('latin1', 0, 2) !== 'X\n') throw new Error('This is not R data in XDR format.');
    this.#at = 2;
    const version = this.#integer();
    this.#at += 8;
    if (version === 3) this.#at += 4 + this.#bytes.readInt32BE(this.#at);
    return this;
  }

  /** Vectors become arrays, with their names (if any) as `names`; pair lists become Maps. */
  item() {
    const flags = this.#integer();
    const type = flags & 0xff;
    const hasAttributes = (flags & 0x200) !== 0;
    switch (type) {
      case kNil:
        return undefined;
      case kReference:
        return this.#references[(flags >> 8 || this.#integer()) - 1];
      case kSymbol: {
        const name = this.item();
        this.#references.push(name);
        return name;
      }
      case kPairs: {
        if (hasAttributes) this.item();
        const tag = flags & 0x400 ? this.item() : '';
        const pairs = new Map([[tag, this.item()]]);
        for (const [key, value] of this.item() ?? []) pairs.set(key, value);
        return pairs;
      }
      case kString: {
        const length = this.#integer();
        if (length < 0) return undefined;
        this.#at += length;
        return this.#bytes.toString('utf8', this.#at - length, this.#at);
      }
      case kLogical:
      case kInteger:
        return this.#named(
          this.#vector(() => this.#integer()),
          hasAttributes,
        );
      case kReal:
        return this.#named(
          this.#vector(() => this.#real()),
          hasAttributes,
        );
      case kStrings:
      case kList:
        return this.#named(
          this.#vector(() => this.item()),
          hasAttributes,
        );
      default:
        throw new Error(`R data of type ${type} are not read.`);
    }
  }

  #named(values, hasAttributes) {
    const attributes = hasAttributes ? this.item() : undefined;
    return Object.assign(values, { names: attributes?.get('names') });
  }
}

export function readR(bytes) {
  return new Reader(bytes).header().item();
}

/** The data sets of a package: name -> value. */
export function readRDataSets(index, values) {
  const [places] = readR(zlib.gunzipSync(index));
  return new Map(
    places.names.map((name, i) => {
      const [start, length] = places[i];
      // Four bytes say how long the value is unpacked.
      return [name, readR(zlib.inflateSync(values.subarray(start + 4, start + length)))];
    }),
  );
}
