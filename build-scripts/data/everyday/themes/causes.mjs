// Cause and effect. "The animal did not cross the street because it was too tired" or "... too wide": who is meant by a
// pronoun follows from the reason. Written for this project.

import { states } from '../words/states.mjs';

/** Templates about a state and its consequences. */
const about = (state) => [
  `{p:actor} {p>when-${state}.ed} because {p.he} {p~was} [very |so |a little |]${state}.`,
  `{p:actor} {p~was} so ${state} that {p.he} {p>when-${state}.ed}.`,
  `{p:actor} {p~was} [very |quite |really |]${state}, so {p.he} {p>when-${state}.ed}.`,
  `Because {p:actor} {p~was} ${state}, {p.he} {p>when-${state}.ed}.`,
  `{p:actor} did not {p>not-${state}} because {p.he} {p~was} too ${state}.`,
  `{p:actor} {p~was} too ${state} to {p>not-${state}}.`,
  `{p:actor} could not {p>not-${state}}, because {p.he} {p~was} too ${state}.`,
  `{p:actor} {p~was} so ${state} that {p.he} could not {p>not-${state}}. [Instead, {p.he} {p>when-${state}.ed}.|]`,
  `Why did {p:actor} {p>when-${state}}? Because {p.he} {p~was} ${state}.`,
  `"Why did you {you>when-${state}}?" asked {q:person}. "Because I was ${state}," [answered|said|replied] {r:person}.`,
  `{p:person} {p~was} ${state}, but {q:person!p} {q~was} not. {p.he} {p>when-${state}.ed}, [and|while] {q.he} {q>leisure.ed}.`,
  `{p:person} asked {q:person!p} why {q.he} was so ${state}. {q.he} did not answer.`,
  `When {p:actor} {p~be} ${state}, {p.he} [usually |often |always |sometimes |]{p>when-${state}.s}.`,
  `{p:actor} {p~was} ${state} {:when-past}. That is why {p.he} {p>when-${state}.ed}.`,
  `If you are ${state}, [you can|you may|you will probably|it is no wonder that you] {you>when-${state}}.`,
];

/** Somebody could not do something to a thing: reasons that lie in them, and reasons that lie in the thing. */
const kHindered = `
cross the street|tired, scared, slow, weak|wide, busy, icy, dangerous
cross the river|tired, scared, weak, small|wide, deep, cold, fast
lift the box|weak, tired, small, old|heavy, big, full
climb the wall|tired, short, weak, fat|high, smooth, steep
climb the hill|tired, lazy, old, weak|steep, high, icy
climb the tree|scared, old, small, heavy|tall, high, thin, wet
eat the soup|full, sick, sad, upset|hot, salty, cold, spicy
eat the apple|full, sick, sleepy|sour, hard, rotten, green
open the jar|weak, tired, clumsy|tight, slippery, small
open the door|scared, weak, short, polite|heavy, stuck, narrow
read the book|tired, sleepy, busy, young|long, boring, difficult, old
carry the suitcase|weak, tired, small, old|heavy, big, full
move the table|weak, lazy, tired|heavy, big, wide
buy the car|poor, careful, young|expensive, old, small, slow
buy the house|poor, careful, young|expensive, small, old, dark
wear the coat|warm, proud, fat, tall|small, dirty, tight, long
wear the hat|shy, proud, vain|small, ugly, old, big
drink the coffee|nervous, young, sick|hot, strong, bitter, cold
catch the ball|slow, small, sleepy, clumsy|fast, high, slippery
jump over the fence|scared, small, fat, tired|high, wide, sharp
jump over the puddle|small, slow, careful|wide, big, deep
swim in the lake|scared, sick, tired|cold, dirty, deep, dangerous
solve the puzzle|impatient, sleepy, young|difficult, big, complicated
pull the wagon|weak, tired, old, lazy|heavy, full, big
follow the path|tired, careless, impatient|narrow, dark, steep, muddy
touch the stove|careful, scared, clever|hot, dirty, high
cut the bread|clumsy, young, impatient|hard, frozen, soft
ride the horse|scared, young, sick|wild, tall, fast, old
enter the cave|scared, big, careful|dark, small, narrow, wet
sleep in the bed|excited, worried, restless|hard, short, cold, wet
reach the shelf|short, small, lazy|high, far away
push the car|weak, tired, lazy|heavy, stuck
watch the movie|tired, busy, young, sensitive|long, sad, boring, scary
understand the lesson|sleepy, young, bored|difficult, long, confusing
answer the question|shy, nervous, confused|difficult, strange, personal
win the game|nervous, tired, careless, slow|difficult, unfair, short
finish the cake|full, sick, polite|big, sweet, dry
use the old phone|young, impatient, careless|slow, broken, heavy
eat the grass|full, sick, sleepy|dry, wet, old, brown
leave the house|sick, lazy, scared|warm, locked, comfortable`;

const hindered = kHindered
  .trim()
  .split('\n')
  .map((line) => {
    const [deed, inSubject, inObject] = line.split('|');
    const [, before, thing] = /^(.*) the (.*)$/.exec(deed);
    const oneOf = (words) => `[${words.split(', ').join('|')}]`;
    return {
      before,
      t: `{the t=${thing.replaceAll(' ', '_')}}`,
      mine: oneOf(inSubject),
      its: oneOf(inObject),
    };
  });

const because = ({ before, t, mine, its }) => [
  `{p:actor} did not ${before} ${t} because {p.he} {p~was} too ${mine}.`,
  `{p:actor} did not ${before} ${t} because {t.he} {t~was} too ${its}.`,
  `{p:actor} could not ${before} ${t} because {p.he} {p~was} [too|so|very] ${mine}.`,
  `{p:actor} could not ${before} ${t} because {t.he} {t~was} [too|so|very] ${its}.`,
  `${t} {t~was} too ${its}, so {p:actor} did not ${before} {t.him}.`,
  `{p:actor} {p~was} too ${mine}, so {p.he} did not ${before} ${t}.`,
  `{p:actor} {p~was} too ${mine} to ${before} ${t}.`,
  `${t} {t~was} too ${its} for {p:person} to ${before}.`,
  `Why didn't {p:actor} ${before} ${t}? Because [{p.he} {p~was} too ${mine}|{t.he} {t~was} too ${its}].`,
  `{p:person} wanted to ${before} ${t}, but {t.he} {t~was} too ${its}. {q:person!p} tried, too, but {q.he} {q~was} too ${mine}.`,
];

/** The same with animals, who are "it" as well: only the reason tells. */
const kAnimalDeeds = /^(cross|climb|eat|jump|swim|pull|follow|enter|catch|reach|push|touch)/;
const kBeast = 'the [|poor |little |brown |hungry |lonely ]{a:beast}';
const animals = ({ before, t, mine, its }) => {
  const own = mine.replace(/(shy|proud|polite|vain|clever)\|?/g, '').replace('|]', ']');
  return [
    `${kBeast} [did not|could not|would not] ${before} ${t} because {a.he} {a~was} too ${own}.`,
    `${kBeast} [did not|could not|would not] ${before} ${t} because {t.he} {t~was} too ${its}.`,
    `{the x=animal} [did not|could not] ${before} ${t} because {x.he} {x~was} too ${own}.`,
    `{the x=animal} [did not|could not] ${before} ${t} because {t.he} {t~was} too ${its}.`,
    `${kBeast} {a~was} too ${own}, so {a.he} did not ${before} ${t}.`,
    `${t} {t~was} too ${its}, so ${kBeast} did not ${before} {t.him}.`,
  ];
};

/** What does not fit: the one is too big or the other too small. */
const kFits = `in|trophy, book, laptop, sweater, lamp, doll, guitar, umbrella, helmet, picture|suitcase, bag, box, drawer, backpack, basket, trunk
in|sofa, table, bed, piano, wardrobe, desk, bookshelf|room, elevator, van, hall, truck, corner
through|piano, box, sofa, table, horse, mattress|door, window, gate, hole, tunnel
into|letter, card, photo, coin, key, phone|envelope, pocket, wallet, purse, slot
under|suitcase, box, bicycle, dog, basket|bed, table, bench, desk, sofa
on|plate, book, vase, computer, television, cake|shelf, table, tray, desk
in|car, truck, boat, tractor|garage, barn, parking space, shed`;

const fits = kFits.split('\n').flatMap((line) => {
  const [where, things, places] = line.split('|');
  return things.split(', ').flatMap((thing) =>
    places
      .split(', ')
      .filter((place) => place !== thing)
      .flatMap((place) => {
        const [t, u] = [`{the t=${thing}}`, `{the u=${place.replaceAll(' ', '_')}}`];
        return [
          `${t} does not fit ${where} ${u} because {t.he} {t~be} too [big|large|wide|long].`,
          `${t} did not fit ${where} ${u} because {t.he} {t~was} too [big|large|wide|long].`,
          `${t} does not fit ${where} ${u} because {u.he} {u~be} too [small|narrow].`,
          `${t} did not fit ${where} ${u} because {u.he} {u~was} too [small|narrow].`,
          `{p:actor} could not get ${t} ${where} ${u}, because {t.he} {t~was} too [big|large].`,
          `{p:actor} could not get ${t} ${where} ${u}, because {u.he} {u~was} too [small|narrow].`,
          `${t} did not fit ${where} ${u}, so {p:actor} bought [a smaller {t}|a bigger {u}].`,
        ];
      }),
  );
});

export const causes = {
  states: Object.keys(states).flatMap(about),
  hindered: hindered.filter(({ before, t }) => !(before === 'eat' && t.includes('grass'))).flatMap(because),
  animals: hindered.filter(({ before }) => kAnimalDeeds.test(before)).flatMap(animals),
  fits,
};
