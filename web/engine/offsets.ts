// Where in a text its tokens stand, in UTF-16 units as JavaScript counts them. The tokenizer library gives strings but
// no places; these two maps lead from what it worked on (bytes, a normalised text) back to what was typed.
//
// A token that holds a part of a character (one byte of an emoji, one jamo of a syllable) gets the range of the whole
// character, shared with its neighbours. Ranges never run backwards: starts and ends only grow from token to token.

/** For every unit of something derived from a text (a byte, a normalised character): the range that it came from. */
export interface Origins {
  start: Uint32Array;
  end: Uint32Array;
}

/**
 * UTF-8 as the WHATWG Encoding Standard decodes it (an ill-formed sequence gives one U+FFFD for each maximal subpart),
 * with the range in the decoded text that every byte belongs to.
 */
export function decodeUtf8(bytes: Uint8Array): Origins & { text: string } {
  const start = new Uint32Array(bytes.length);
  const end = new Uint32Array(bytes.length);
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const { codePoint, length } = characterAt(bytes, i);
    const from = text.length;
    text += String.fromCodePoint(codePoint);
    start.fill(from, i, i + length);
    end.fill(text.length, i, i + length);
    i += length;
  }
  return { text, start, end };
}

function characterAt(bytes: Uint8Array, at: number): { codePoint: number; length: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { codePoint: first, length: 1 };
  const following = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  if (following === 0) return { codePoint: 0xfffd, length: 1 };
  let codePoint = first & (0x3f >> following);
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  let least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  let most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let k = 1; k <= following; k++) {
    const byte = bytes[at + k];
    if (byte === undefined || byte < least || byte > most) return { codePoint: 0xfffd, length: k };
    codePoint = (codePoint << 6) | (byte & 0x3f);
    least = 0x80;
    most = 0xbf;
  }
  return { codePoint, length: following + 1 };
}

/** What one character becomes when it is normalised alone. */
export interface NormalisedCharacter {
  /** UTF-16 units; 0 for what is dropped (control characters, accents that stand alone). */
  length: number;
  /** false for a space and for nothing. */
  visible: boolean;
}

/**
 * Origins of every unit of a normalised text, for normalisers that turn each character into its own run of units,
 * whatever stands beside it (lower case, decomposition, dropping marks and control characters, spaces around CJK; a final
 * sigma or reordered marks change which units, never how many). Undefined where the lengths do not add up.
 *
 * A dropped character belongs to the visible one before it, so that an accent typed as a combining mark lies within its
 * letter's range; where there is none, to the one that follows.
 */
export function originsOfNormalised(
  text: string,
  normalisedLength: number,
  normalised: (character: string) => NormalisedCharacter,
): Origins | undefined {
  const start = new Uint32Array(normalisedLength);
  const end = new Uint32Array(normalisedLength);
  let at = 0; // in the text
  let unit = 0; // in the normalised text
  let first = 0; // first unit of the last character that was not dropped
  let pending = -1; // where dropped characters began that nothing visible stands before
  let attached = false;
  for (const character of text) {
    const { length, visible } = normalised(character);
    const next = at + character.length;
    if (length > 0) {
      if (unit + length > normalisedLength) return undefined;
      first = unit;
      start.fill(visible && pending >= 0 ? pending : at, unit, unit + length);
      end.fill(next, unit, unit + length);
      unit += length;
      pending = -1;
      attached = visible;
    } else if (attached) end.fill(next, first, unit);
    else if (pending < 0) pending = at;
    at = next;
  }
  return unit === normalisedLength ? { start, end } : undefined;
}
