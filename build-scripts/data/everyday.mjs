// Everyday English, written by grammar: scenes of one to a dozen sentences, with what refers to what in them.
//
//   for (const { text, labels } of scenes(1)) ...
//
// A label is { kind, at: [start, end], of: [start, end] }, places in UTF-16 units of the text:
//   pronoun     `at` is a pronoun, `of` the last name or noun before it of whom it speaks (a noun without its article)
//   agreement   `at` is a verb in the present (or was/were), `of` the noun, name or pronoun that it agrees with
//   name, noun  `at` says again, in the same words, what `of` said first
// All of it follows from the same seed; nothing is fetched.
//
// Splits. A sentence of five words or more is held out when its hash says so (one in a hundred). A scene for training has
// none of these; a held-out scene has at least one. So no held-out sentence is ever seen in training.

import { Lexicon } from './everyday/lexicon.mjs';
import { Scene } from './everyday/template.mjs';
import { causes } from './everyday/themes/causes.mjs';
import { daily } from './everyday/themes/daily.mjs';
import { dialogue } from './everyday/themes/dialogue.mjs';
import { facts } from './everyday/themes/facts.mjs';
import { sentences } from './everyday/themes/sentences.mjs';
import { society } from './everyday/themes/society.mjs';
import { stories } from './everyday/themes/stories.mjs';
import { world } from './everyday/themes/world.mjs';
import { hashOf, Random } from './random.mjs';

const kHeldOutOneIn = 100;

/** The sentences of a text; "Mr." and "Mrs." end none. */
export function sentencesOf(text) {
  return text.split(/(?<=(?<!\bMrs?)[.!?]["')]*)\s+/).filter(Boolean);
}

export function isHeldOut(sentence) {
  return sentence.split(' ').length >= 5 && hashOf(sentence) % kHeldOutOneIn === 0;
}

// ------------------------------------------------------------------------------------------------ kinds of scenes

/** Some templates of one theme after each other, about new people each time. */
function paragraph(themes, [fewest, most]) {
  const names = Object.keys(themes);
  return (scene, random) => {
    const theme = themes[random.pick(names)];
    for (let left = random.between(fewest, most); left > 0; --left)
      scene.write(random.pick(theme), { fresh: true });
  };
}

/** A story that begins with one person and may go on with a second one. */
function story(scene, random) {
  scene.write(random.pick(stories.opens), { fresh: true });
  const goOn = (list, [fewest, most]) => {
    for (const template of random.shuffled(list).slice(0, random.between(fewest, most)))
      scene.write(template);
  };
  goOn(stories.middles, [1, 3]);
  if (random.chance(0.6)) {
    scene.write(random.pick(stories.duo));
    goOn(stories.duoMiddles, [1, 3]);
  }
  if (random.chance(0.8)) scene.write(random.pick(stories.ends));
}

const whole = (scene, random) => scene.write(random.pick(stories.whole), { fresh: true });

const kKinds = [
  { weight: 22, make: story },
  { weight: 6, make: whole },
  { weight: 20, make: paragraph(daily, [1, 4]) },
  { weight: 16, make: paragraph(sentences, [1, 4]) },
  { weight: 10, make: paragraph(causes, [1, 3]) },
  { weight: 8, make: paragraph(society, [1, 4]) },
  { weight: 10, make: paragraph(world, [1, 4]) },
  { weight: 4, make: paragraph(facts, [1, 5]) },
  { weight: 8, make: paragraph(dialogue, [1, 2]) },
];
const kWeights = kKinds.map(({ weight }) => weight);

/** Scenes without end; `split` is "training" or "held-out". */
export function* scenes(seed, split = 'training') {
  const lexicon = new Lexicon();
  const random = new Random(`everyday ${seed}`);
  for (;;) {
    const scene = new Scene(lexicon, random);
    kKinds[random.weighted(kWeights)].make(scene, random);
    const { text, labels } = scene;
    if (sentencesOf(text).some(isHeldOut) === (split === 'held-out')) yield { text, labels };
  }
}

/** Every template of every theme, with the theme's name: for tests. */
export function* templates() {
  const all = { causes, daily, dialogue, facts, sentences, society, world };
  for (const [name, themes] of Object.entries(all))
    for (const [theme, list] of Object.entries(themes))
      for (const template of list) yield { theme: `${name}.${theme}`, template };
  for (const template of stories.whole) yield { theme: 'stories.whole', template };
}
