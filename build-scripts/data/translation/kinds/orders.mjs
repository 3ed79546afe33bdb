// Orders and requests: "Open the door, please." To others they are polite (vous).

import { order } from '../clause.mjs';
import { sentence, verbFor } from '../deeds.mjs';

function command(c) {
  for (;;) {
    const verb = verbFor(c, 'person', 'present');
    if (
      verb.state ||
      verb.unwilled ||
      /^(have|breathe|whistle|see|hear|arrive|meet|receive|marry|fall|build|live|follow|kiss)$/.test(verb.en)
    )
      continue;
    const together = c.chance(0.22);
    const negated = c.chance(0.25);
    const owner = together ? 'our' : 'your';
    const objects = c.objects(verb, {
      owner,
      negation: negated ? 'not' : undefined,
      subject: together ? 'we' : 'you',
    });
    if (objects.some(({ clitic }) => clitic === 'nous' || clitic === 'vous') && together) continue;
    const places = verb.slots.filter(({ place }) => place).map(({ place }) => c.placeSlot(place, owner));
    const after = [...places];
    if (places.length === 0 && verb.places.length > 0 && c.chance(0.25))
      after.push(c.place(c.pick(verb.places)));
    const please = together || c.chance(0.7) ? '' : c.pick(['first', 'last']);
    return sentence(
      order({ verb, objects, after, negated, together, please, contracted: c.chance(0.4) }),
      c.chance(0.12) ? '!' : '.',
    );
  }
}

export const orders = [{ weight: 1, make: command }];
