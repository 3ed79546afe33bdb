// What everybody knows: opposites, countries, numbers, what people and things do, the calendar, proverbs, lists. Written for
// this project.

import { kCountries } from '../lexicon.mjs';
import { months, weekdays } from '../words/things.mjs';

const pairs = (text) =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => pair.split(/\s*[-:]\s*/));

const kOpposites =
  pairs(`hot-cold, big-small, old-young, old-new, good-bad, fast-slow, high-low, long-short, day-night, black-white, up-down,
  left-right, open-closed, full-empty, rich-poor, strong-weak, happy-sad, light-dark, light-heavy, wet-dry, clean-dirty, hard-soft,
  early-late, easy-difficult, cheap-expensive, loud-quiet, near-far, thick-thin, wide-narrow, deep-shallow, sweet-sour, true-false,
  right-wrong, love-hate, war-peace, life-death, summer-winter, north-south, east-west, begin-end, buy-sell, give-take, come-go,
  win-lose, push-pull, ask-answer, laugh-cry, remember-forget, inside-outside, first-last, always-never, everything-nothing, friend-enemy,
  brave-afraid, smooth-rough, sharp-dull, polite-rude, beautiful-ugly, safe-dangerous, alive-dead, awake-asleep, increase-decrease,
  success-failure, question-answer, arrive-leave, sit-stand, before-after, above-below, much-little, many-few, male-female, public-private,
  ancient-modern, simple-complicated, tall-short, warm-cool, wise-foolish, lazy-hardworking, generous-greedy, guilty-innocent`);

const kOf =
  pairs(`a baker: bakes bread, a teacher: teaches children, a doctor: helps sick people, a farmer: grows food, a writer: writes books,
  a painter: paints pictures, a singer: sings songs, a driver: drives a car, a pilot: flies planes, a cook: prepares meals, a nurse: takes care of patients,
  a judge: decides what is right, a soldier: serves in the army, a student: learns, a dentist: repairs teeth, a gardener: takes care of plants,
  a librarian: lends books, a thief: steals things, a tailor: makes clothes, a butcher: sells meat, a carpenter: works with wood, a plumber: repairs pipes,
  a mechanic: repairs cars, a photographer: takes pictures, a fisherman: catches fish, a sailor: works on a ship, a detective: solves crimes,
  an actor: plays in movies, a dancer: dances, a firefighter: puts out fires, a barber: cuts hair, a translator: turns one language into another,
  a neighbor: lives next door, a guest: is invited, a customer: buys something, an astronomer: studies the stars, a historian: studies the past,
  a widow: has lost her husband, an orphan: has no parents, an engineer: designs machines, a lawyer: knows the law, a tourist: visits other countries`);

const kFor =
  pairs(`a knife: cutting, a pen: writing, a hammer: driving nails, a key: opening a lock, a bed: sleeping, an umbrella: keeping dry in the rain,
  a broom: sweeping the floor, a cup: drinking, a spoon: eating soup, a camera: taking pictures, a clock: telling the time, a phone: calling people,
  a map: finding the way, a ruler: drawing straight lines, a lamp: giving light, a stove: cooking, a refrigerator: keeping food cold, a boat: crossing the water,
  a needle: sewing, a saw: cutting wood, a ladder: climbing up, a bucket: carrying water, a towel: drying your hands, a comb: combing your hair, a bag: carrying things,
  scissors: cutting paper, glue: sticking things together, soap: washing, money: paying, a ticket: getting on the train, a bridge: crossing a river,
  a telescope: looking at the stars, a thermometer: measuring the temperature, a dictionary: looking up words, a calculator: adding numbers, a whistle: making a loud sound`);

const kKinds =
  pairs(`apple: fruit, banana: fruit, cherry: fruit, carrot: vegetable, potato: vegetable, onion: vegetable, dog: animal, horse: animal, eagle: bird, owl: bird,
  ant: insect, bee: insect, rose: flower, tulip: flower, oak: tree, pine: tree, hammer: tool, saw: tool, chair: piece of furniture, table: piece of furniture, shirt: piece of clothing,
  violin: musical instrument, piano: musical instrument, car: vehicle, truck: vehicle, soccer: sport, tennis: sport, red: color, blue: color, iron: metal, gold: metal,
  January: month, Friday: day of the week, winter: season, triangle: shape, circle: shape, shark: fish, whale: large animal that lives in the sea, diamond: precious stone, Spanish: language,
  France: country, London: city, Africa: continent, Mars: planet, chess: game, biology: science, milk: drink, bread: kind of food, anger: feeling, doll: toy`);

const kSounds =
  pairs(`dog: barks, cat: meows, cow: moos, horse: neighs, sheep: bleats, lion: roars, wolf: howls, bird: sings, duck: quacks, pig: grunts, bee: buzzes, snake: hisses,
  rooster: crows, owl: hoots, mouse: squeaks, bear: growls, frog: croaks, bell: rings, clock: ticks, phone: rings`);

const kYoung = pairs(
  `dog: puppy, cat: kitten, cow: calf, sheep: lamb, horse: foal, pig: piglet, duck: duckling, chicken: chick, deer: fawn, lion: cub, bear: cub, goat: kid, frog: tadpole, goose: gosling`,
);

const kColors =
  pairs(`grass: green, snow: white, blood: red, milk: white, the sky: blue, coal: black, gold: yellow, chocolate: brown, a lemon: yellow, a tomato: red, the sun: yellow, an orange: orange,
  a frog: green, a crow: black, salt: white, a cherry: red, a banana: yellow, honey: golden, a violet: purple, a leaf: green`);

const kTraits =
  pairs(`a feather: light, a stone: hard, a pillow: soft, ice: cold, fire: hot, honey: sweet, a lemon: sour, a knife: sharp, silk: smooth, glass: easy to break, an elephant: heavy,
  a giraffe: tall, a snail: slow, a cheetah: fast, a desert: dry, the ocean: deep, a needle: thin, a diamond: hard, steel: strong, a mountain: high, sand: rough, paper: thin, rubber: elastic, wool: warm, a fox: clever, a peacock: proud`);

const kProverbs = `
  Practice makes perfect. | Better late than never. | The early bird catches the worm. | Honesty is the best policy. | Actions speak louder than words.
  | You cannot judge a book by its cover. | Many hands make light work. | Time is money. | Where there is smoke, there is fire. | Two heads are better than one.
  | All that glitters is not gold. | When in Rome, do as the Romans do. | Look before you leap. | Knowledge is power. | Every cloud has a silver lining. | Rome was not built in a day.
  | The apple does not fall far from the tree. | A friend in need is a friend indeed. | Haste makes waste. | No pain, no gain. | Love is blind. | First come, first served.
  | Out of sight, out of mind. | Too many cooks spoil the broth. | Where there is a will, there is a way. | A picture is worth a thousand words. | Necessity is the mother of invention.
  | The quick brown fox jumps over the lazy dog. | To be or not to be, that is the question. | You can lead a horse to water, but you cannot make it drink.
  | The grass is always greener on the other side of the fence. | When the cat is away, the mice will play. | Do not put all your eggs in one basket. | It is no use crying over spilled milk.`
  .split('|')
  .map((line) => line.trim());

const kNumbers =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const kOrdinals = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(
  ' ',
);

const article = (word) => (/^[aeiou]/i.test(word) ? 'an' : 'a');
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const sums = range(1, 10).flatMap((a) =>
  range(1, 10).flatMap((b) => {
    const [m, n, sum] = [kNumbers[a], kNumbers[b], kNumbers[a + b]];
    return [
      `${m} plus ${n} is ${sum}.`,
      `What is ${m} plus ${n}? ${m} plus ${n} is ${sum}.`,
      `${sum} minus ${n} is ${m}.`,
      `{p:person} had ${m} {t:fruit${a > 1 ? '.s' : ''}}, and {q:person!p} gave {p.him} ${n} more. Now {p.he} has ${sum}.`,
      ...(a > 1 && b > 1 && a * b <= 20 ? [`${m} times ${n} is ${kNumbers[a * b]}.`] : []),
    ];
  }),
);

const countryFacts = kCountries.flatMap(({ country, capital, language, people }) => [
  `The capital of ${country} is ${capital}.`,
  `What is the capital of ${country}? The capital of ${country} is ${capital}.`,
  `${capital} is the capital of ${country}.`,
  `${capital} is in ${country}.`,
  `People in ${country} speak ${language}.`,
  `What language do they speak in ${country}? They speak ${language}.`,
  `{p:person} is from ${country}. {p.he} speaks ${language}.`,
  `{p:person} lives in ${capital}, the capital of ${country}. {p.he} speaks ${language}.`,
  `{p:person} has {n:few} ${people} friends. Most of them live in ${capital}.`,
  `{p:person} comes from ${capital} and likes ${people} food.`,
  `{p:person} is learning ${language}, because {p.he} wants to travel to ${country}.`,
  `The ${people} [team|president|army|government|ambassador|flag|economy] [is well known|was in the news].`,
  `If you want to go to ${capital}, you have to travel to ${country}.`,
]);

const days = weekdays.split(', ');
const calendar = [
  ...days.flatMap((day, i) => {
    const [next, before] = [days[(i + 1) % 7], days[(i + 6) % 7]];
    return [
      `Today is ${day}, so tomorrow is ${next}.`,
      `${day} comes after ${before} and before ${next}.`,
      `If today is ${day}, yesterday was ${before}.`,
      `What day is it today? It is ${day}. Yesterday was ${before}, and tomorrow will be ${next}.`,
    ];
  }),
  ...months
    .split(', ')
    .flatMap((month, i, all) => [
      `${month} is the ${kOrdinals[i]} month of the year.`,
      `After ${month} comes ${all[(i + 1) % 12]}.`,
      `${month} comes before ${all[(i + 1) % 12]}.`,
    ]),
  'The seasons are spring, summer, autumn, and winter.',
  'There are seven days in a week, twelve months in a year, and sixty minutes in an hour.',
  `The days of the week are ${days.join(', ').replace(', Sunday', ', and Sunday')}.`,
  ...range(1, 12).map((n) => `[Count with me: |]${kNumbers.slice(n, n + 5).join(', ')}.`),
];

const opposites = kOpposites.flatMap(([a, b]) => [
  `The opposite of ${a} is ${b}.`,
  `What is the opposite of ${b}? The opposite of ${b} is ${a}.`,
  `The word "${a}" is the opposite of the word "${b}".`,
  `It was not ${a} but ${b}.`,
]);
const kOfThings = pairs(
  'big-small, old-new, clean-dirty, cheap-expensive, thick-thin, light-heavy, wet-dry, beautiful-ugly, plain-colorful, light-dark',
);
const contrasts = kOfThings.flatMap(([a, b]) => [
  `One {t:portable} was ${a}, and the other one was ${b}.`,
  `Is {the t:furniture} ${a} or ${b}? {t.he} {t~be} ${a}.`,
  `{the t:furniture} was not ${a} anymore. {t.he} was ${b}.`,
  `{p:person} likes ${a} {t:garment.s}, but {q:person!p} prefers ${b} ones.`,
]);

const bare =
  /^(soccer|tennis|red|blue|iron|gold|January|Friday|winter|Spanish|France|London|Africa|Mars|chess|biology|milk|bread|anger)$/;
const kinds = kKinds.flatMap(([one, kind]) => {
  const name = bare.test(one) ? one : `${article(one)} ${one}`;
  return [
    `${name} is ${article(kind)} ${kind}.`,
    `Is ${name} ${article(kind)} ${kind}? Yes, it is.`,
    `What is ${name}? It is ${article(kind)} ${kind}.`,
  ];
});

export const facts = {
  countries: countryFacts,
  sums,
  calendar,
  opposites,
  contrasts,
  kinds,
  people: kOf.flatMap(([who, what]) => [
    `${who} is someone who ${what}.`,
    `What does ${who} do? ${who} ${what}.`,
    `{p:person} is ${who}. That means that {p.he} ${what}.`,
  ]),
  purposes: kFor.flatMap(([what, purpose]) => {
    const be = what === 'scissors' ? 'are' : 'is';
    return [
      `${what} ${be} used for ${purpose}.`,
      `What ${be} ${what} for? ${what} ${be} for ${purpose}.`,
      ...(purpose.includes('your') ? [] : [`{p:person} needs ${what} for ${purpose}.`]),
    ];
  }),
  sounds: kSounds.flatMap(([who, what]) => [
    `The {a=${who}} ${what}.`,
    `${article(who)} ${who} ${what}.`,
    `Listen, {the a=${who}} ${what}! Can you hear {a.him}?`,
  ]),
  young: kYoung.flatMap(([old, young]) => [
    `A young ${old} is called a ${young}.`,
    `The ${old} has a ${young}. {the y=${young}} follows its mother everywhere.`,
    `A ${young} grows up to be a ${old}.`,
  ]),
  colors: kColors.flatMap(([what, color]) => [
    `${what} is ${color}.`,
    `What color is ${what}? ${what} is ${color}.`,
    `The {t:garment} was as ${color} as ${what}.`,
  ]),
  traits: kTraits.flatMap(([what, trait]) => [
    `${what} is ${trait}.`,
    `As everyone knows, ${what} is ${trait}.`,
    ...(trait.includes(' ')
      ? []
      : [`It was as ${trait} as ${what}.`, `The {t:portable} was as ${trait} as ${what}.`]),
  ]),
  proverbs: kProverbs.flatMap((line) => [
    line,
    line,
    `{p:kin} always says: "${line}"`,
    `{p:person} said: "${line}" {q:person!p} [laughed|agreed|did not agree|wrote it down].`,
  ]),
};
