// Whether two cards say the same.

/**
 * How far two measurements of one number may be apart. Processors add up in other orders, which moves a weight by a millionth;
 * a prediction whose two best are that close may fall the other way, and of the thousand of the smallest figure two may.
 */
export const kTolerance = 0.002;

/** The places at which `card` differs from `measured`, as sentences. Counts and texts are equal or different. */
export function differences(card, measured, place = '') {
  if (typeof card === 'number' && typeof measured === 'number') {
    const exact = Number.isInteger(card) && Number.isInteger(measured);
    const same = exact ? card === measured : Math.abs(card - measured) <= kTolerance;
    return same ? [] : [`${place}: ${card} in the card, ${measured} measured`];
  }
  const isObject = (value) => typeof value === 'object' && value !== null;
  if (isObject(card) && isObject(measured)) {
    const keys = new Set([...Object.keys(card), ...Object.keys(measured)]);
    return [...keys].flatMap((key) => differences(card[key], measured[key], place ? `${place}.${key}` : key));
  }
  return card === measured
    ? []
    : [`${place}: ${JSON.stringify(card)} in the card, ${JSON.stringify(measured)} measured`];
}
