// Nouns by what they are. "~" marks what cannot be counted, "=" what is always plural. Written for this project.

export const things = {
  pet: 'dog, cat, puppy, kitten, rabbit, hamster, parrot, turtle, goldfish, guinea pig',
  livestock:
    'cow, horse, sheep, goat, pig, chicken, duck, goose, donkey, hen, pony, lamb, bull, turkey, calf, rooster',
  wild: `lion, tiger, bear, wolf, fox, deer, elephant, monkey, snake, mouse, rat, squirrel, giraffe, zebra, kangaroo, camel,
    frog, lizard, crocodile, bat, hedgehog, leopard, gorilla, panda, koala, raccoon, beaver, moose, buffalo, hippo, rhino`,
  beast:
    'dog, cat, horse, cow, goat, sheep, donkey, pig, monkey, bear, fox, wolf, elephant, rabbit, mouse, bird, lion, tiger, deer, camel, turtle',
  bird: 'bird, eagle, owl, crow, pigeon, sparrow, swan, robin, seagull, hawk, penguin, peacock, woodpecker, canary, stork',
  flyer:
    'bird, eagle, owl, crow, pigeon, sparrow, swan, robin, seagull, hawk, woodpecker, canary, stork, duck, goose',
  sea: 'fish, shark, whale, dolphin, seal, crab, octopus, salmon, lobster, jellyfish, starfish, trout, squid, tuna',
  insect:
    'bee, ant, spider, butterfly, fly, mosquito, beetle, worm, snail, moth, wasp, ladybug, grasshopper, caterpillar',
  fruit: `apple, banana, orange, pear, peach, plum, lemon, cherry, grape, strawberry, melon, mango, pineapple, lime, coconut,
    apricot, fig, date, blueberry, raspberry, watermelon, kiwi`,
  vegetable: `potato, tomato, carrot, onion, cucumber, pepper, cabbage, bean, pea, pumpkin, mushroom, leek, radish, beet,
    ~lettuce, ~spinach, ~broccoli, ~corn, ~celery, ~garlic, olive, zucchini, eggplant`,
  dish: `~soup, ~bread, ~rice, ~pasta, ~cheese, ~meat, ~chicken, ~beef, ~pork, ~ham, ~bacon, ~fish, egg, sandwich, salad, pizza,
    burger, sausage, ~toast, omelet, steak, stew, curry, taco, noodle, ~porridge, ~cereal, dumpling, hot dog, ~shrimp, ~turkey`,
  dessert: `cake, pie, cookie, ~ice cream, ~chocolate, ~pudding, candy, pancake, doughnut, muffin, waffle, ~honey, ~jam,
    brownie, cupcake, tart, biscuit, ~popcorn, nut, ~yogurt`,
  baked: 'cake, pie, muffin, brownie, cupcake, tart, waffle, pancake, ~bread',
  ingredient:
    '~flour, ~sugar, ~salt, ~butter, ~oil, ~vinegar, ~cream, ~yeast, ~cinnamon, ~ginger, ~mustard, ~sauce, ~honey, ~spice',
  drink:
    '~water, ~milk, ~tea, ~coffee, ~juice, ~wine, ~beer, ~lemonade, ~hot chocolate, ~soda, ~orange juice, ~apple juice',
  furniture: `table, chair, bed, sofa, couch, desk, shelf, bookshelf, cupboard, drawer, cabinet, lamp, mirror, rug, carpet,
    curtain, bench, stool, armchair, closet, crib, mattress, wardrobe`,
  room: `kitchen, bedroom, bathroom, living room, dining room, hall, basement, attic, garage, office, nursery, study,
    laundry room, guest room, hallway, cellar, balcony, porch`,
  kitchenware: `plate, cup, glass, bowl, spoon, fork, knife, pan, pot, kettle, mug, tray, jar, bottle, lid, jug, frying pan,
    cutting board, ladle, whisk, teapot, saucer, napkin`,
  appliance: `oven, stove, refrigerator, freezer, dishwasher, washing machine, dryer, microwave, toaster, vacuum cleaner, fan,
    heater, blender, iron, sewing machine, coffee machine, air conditioner`,
  tool: `hammer, saw, screwdriver, drill, nail, screw, ladder, shovel, rake, ax, wrench, brush, rope, bucket, broom, mop,
    hose, paintbrush, flashlight, wheelbarrow, pump, hook, chain, needle, =scissors, =pliers`,
  container: `box, bag, basket, suitcase, backpack, drawer, trunk, crate, barrel, purse, envelope, bin, chest, locker,
    lunch box, tin, sack, cage, vase`,
  clothing: `shirt, dress, coat, jacket, sweater, skirt, hat, cap, scarf, belt, tie, suit, sock, shoe, boot, glove, blouse,
    raincoat, T-shirt, uniform, vest, robe, sandal, slipper, sneaker, mitten, =pants, =jeans, =shorts, =pajamas`,
  garment: 'shirt, dress, coat, jacket, sweater, skirt, scarf, blouse, vest, cap, robe',
  jewelry: 'ring, necklace, bracelet, watch, earring, chain, brooch, crown, pearl, diamond',
  bodypart: `arm, leg, hand, foot, finger, toe, knee, elbow, shoulder, ankle, wrist, back, neck, thumb, hip, ear, eye, nose,
    cheek, chin, lip, forehead, thigh, tongue, tooth`,
  vehicle: `car, bus, train, truck, bicycle, motorcycle, boat, ship, plane, helicopter, taxi, van, tractor, ambulance, ferry,
    scooter, wagon, tram, sailboat, canoe, rocket, fire engine, school bus, subway train, sports car`,
  ride: 'car, bicycle, motorcycle, boat, van, truck, scooter, sailboat',
  property:
    'house, farm, hotel, restaurant, bakery, shop, boat, apartment, cafe, factory, garage, vineyard, bookstore, castle, field, horse',
  breakable: 'plate, cup, glass, bowl, mug, jar, bottle, vase, teapot, jug, saucer, mirror, window, lamp',
  vessel: 'cup, glass, bowl, mug, jug, bottle, kettle, teapot, jar, bucket',
  shop: `bakery, supermarket, bookstore, pharmacy, market, mall, butcher shop, flower shop, toy store, shoe store,
    hardware store, grocery store, gift shop, clothing store, furniture store, department store`,
  townplace: `school, hospital, library, museum, church, bank, post office, police station, hotel, restaurant, cafe, theater,
    cinema, stadium, park, zoo, gym, airport, train station, bus stop, bridge, square, town hall, factory, prison, temple,
    mosque, castle, palace, tower, university, gas station, court, harbor, swimming pool, playground, market, embassy`,
  nature: `mountain, hill, river, lake, forest, beach, island, valley, desert, field, meadow, cliff, cave, waterfall, pond,
    stream, ocean, volcano, swamp, canyon, jungle, glacier, coast, bay, shore, wood`,
  plant:
    'tree, bush, flower, rose, tulip, daisy, sunflower, lily, violet, oak, pine, maple, palm, cactus, fern, vine, weed',
  schoolthing: `book, notebook, pencil, pen, ruler, eraser, textbook, dictionary, map, calculator, marker, crayon, folder,
    schoolbag, worksheet, ~chalk, ~glue, ~paper, blackboard, globe`,
  subject: `~math, ~history, ~science, ~English, ~geography, ~art, ~music, ~biology, ~chemistry, ~physics, ~Spanish, ~French,
    ~literature, ~economics, ~philosophy, ~German, ~drama, ~law, ~medicine, ~politics`,
  office: `computer, printer, folder, stapler, calendar, report, file, document, contract, form, memo, invoice, email, letter,
    copy machine, desk lamp, badge, whiteboard, clipboard`,
  device: `phone, laptop, tablet, camera, television, radio, computer, printer, keyboard, screen, speaker, microphone, charger,
    battery, headphone, remote control, robot, clock, alarm clock, projector, game console, router`,
  digital: `email, message, password, app, file, website, photo, video, account, link, folder, program, text message, post,
    picture, document, update, virus, game, map, blog, screenshot`,
  toy: 'ball, doll, kite, puzzle, teddy bear, balloon, yo-yo, board game, toy car, toy train, block, swing, puppet, marble, drum',
  sport: `~soccer, ~tennis, ~basketball, ~baseball, ~football, ~hockey, ~golf, ~volleyball, ~badminton, ~rugby, ~cricket,
    ~table tennis`,
  exercise:
    '~yoga, ~swimming, ~running, ~cycling, ~skiing, ~skating, ~boxing, ~hiking, ~dancing, ~gymnastics, ~surfing, ~sailing',
  instrument: 'piano, guitar, violin, flute, drum, trumpet, cello, harp, saxophone, clarinet, organ, banjo',
  game: '~chess, ~cards, ~checkers, ~hide and seek, ~tag, ~dominoes',
  portable: `key, wallet, phone, umbrella, ticket, passport, bag, book, pen, ring, watch, coin, letter, card, hat,
    scarf, glove, notebook, camera, map, purse, flashlight, comb, necklace, bottle, toothbrush, towel, photo, magazine,
    newspaper, envelope, package, receipt, stamp, blanket, pillow, candle, lighter, bell, badge`,
  gift: `book, watch, necklace, toy, doll, bicycle, kite, sweater, scarf, puzzle, camera, guitar, plant, painting, vase, ring,
    puppy, kitten, box of chocolates, bunch of flowers, birthday card, bottle of perfume, pair of gloves, board game`,
  reading: 'book, story, poem, novel, magazine, newspaper, article, comic, fairy tale, play',
  watching: 'movie, film, play, documentary, show, cartoon',
  hearing: 'song, album, concert, speech, lecture, podcast, interview, story',
  media: `book, movie, song, story, poem, play, novel, magazine, newspaper, article, film, comic, documentary, concert, show,
    fairy tale, album, cartoon, speech, lecture, interview, podcast`,
  event: `party, wedding, concert, meeting, game, race, exam, trip, picnic, parade, festival, conference, interview, show,
    funeral, birthday party, ceremony, match, competition, debate, election, lesson, lecture, rehearsal, reunion, dinner,
    barbecue, auction, exhibition, performance, test, contest`,
  thought:
    'idea, plan, answer, opinion, decision, suggestion, question, explanation, proposal, theory, solution',
  problem: `mistake, problem, accident, delay, error, leak, fire, flood, argument, fight, strike, crash, failure, shortage,
    misunderstanding, disagreement, emergency, scandal, loss, crisis, injury, storm, theft, power cut`,
  material: `~wood, ~metal, ~glass, ~plastic, ~paper, ~stone, ~cotton, ~wool, ~leather, ~silk, ~gold, ~silver, ~iron, ~steel, ~brick,
    ~concrete, ~rubber, ~clay, ~cardboard, ~marble, ~copper, ~straw, ~bronze`,
  stuff: `~sand, ~dust, ~mud, ~snow, ~ice, ~grass, ~soap, ~smoke, ~paint, ~oil, ~ink, ~dirt, ~fur, ~hair, ~steam, ~ash, ~gravel, ~water`,
  illness:
    'cold, fever, headache, cough, sore throat, toothache, stomachache, infection, backache, allergy, rash, broken arm',
  remedy: '~medicine, ~rest, ~tea, ~soup, ~sleep, ~water, ~exercise, ~fresh air',
  feeling: `~love, ~joy, ~fear, ~anger, ~hope, ~pride, ~shame, ~pain, ~pleasure, ~surprise, ~sadness, ~happiness, ~courage,
    ~curiosity, ~excitement, ~relief, ~disappointment, ~jealousy, ~gratitude, ~loneliness, ~grief, ~sympathy, ~guilt, ~trust`,
  quality: `~honesty, ~kindness, ~patience, ~courage, ~intelligence, ~talent, ~beauty, ~strength, ~wisdom, ~generosity, ~humor,
    ~loyalty, ~energy, ~skill, ~imagination, ~confidence, ~ambition, ~politeness, ~discipline, ~creativity, ~dignity`,
  idea: `idea, plan, question, answer, reason, opinion, decision, suggestion, dream, wish, promise, secret, lie, fact, rule,
    choice, chance, goal, example, thought, explanation, excuse, joke, offer, request, proposal, theory, solution, memory,
    belief, argument, complaint, comment, compliment, warning, result, lesson, discovery, invention, method, principle`,
  topic: `~love, ~war, ~peace, ~history, ~money, ~food, ~health, ~nature, ~art, ~science, ~religion, ~education, ~travel,
    ~music, ~technology, ~politics, ~business, ~family, ~friendship, ~freedom, ~justice, ~death, ~success, ~animals, ~the ocean,
    ~space, ~sports, ~crime, ~climate change, ~ancient Rome, ~the stars, ~the weather, ~the future, ~the past, ~the economy,
    ~human rights, ~language, ~culture, ~democracy, ~evolution, ~energy, ~housing, ~immigration, ~transportation, ~agriculture,
    ~electricity, ~philosophy, ~the brain, ~the environment, ~fashion, ~photography, ~cooking, ~gardening, ~dreams, ~birds, ~trees`,
  workplace:
    'school, hospital, bank, factory, university, library, museum, hotel, restaurant, bakery, office, shop, theater, garage, laboratory, bookstore',
  institution: `school, hospital, company, bank, factory, university, library, museum, hotel, restaurant, newspaper, church, court,
    city, village, town, state, office, agency, department, union, army, association, organization, council, committee`,
  buildingpart: `door, window, roof, wall, floor, ceiling, gate, fence, chimney, stairs, elevator, entrance, step, porch, corner,
    balcony, garage door, front door, back door, doorbell, lock`,
  shape: 'circle, square, triangle, line, star, heart, cross, oval, diamond, cube, rectangle',
  weatherthing:
    'storm, cloud, wind, rain, snowstorm, thunderstorm, fog, heat wave, frost, hurricane, breeze, rainbow',
  sky: 'star, moon, sun, planet, cloud, comet, satellite',
  bill: 'bill, rent, loan, fine, tax, ticket, fee, mortgage, deposit, debt, fare',
};

export const weekdays = 'Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday';
export const months =
  'January, February, March, April, May, June, July, August, September, October, November, December';
export const seasons = 'spring, summer, autumn, winter';
export const numbers =
  'one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty';

/** Country, capital, language, people's adjective. */
export const countries = `
  France Paris French French, Germany Berlin German German, Italy Rome Italian Italian, Spain Madrid Spanish Spanish,
  Portugal Lisbon Portuguese Portuguese, Japan Tokyo Japanese Japanese, China Beijing Chinese Chinese,
  Russia Moscow Russian Russian, Greece Athens Greek Greek, Poland Warsaw Polish Polish, Sweden Stockholm Swedish Swedish,
  Norway Oslo Norwegian Norwegian, Denmark Copenhagen Danish Danish, Finland Helsinki Finnish Finnish,
  Turkey Ankara Turkish Turkish, Egypt Cairo Arabic Egyptian, Mexico Mexico_City Spanish Mexican, Brazil Brasília Portuguese Brazilian,
  Argentina Buenos_Aires Spanish Argentinian, Chile Santiago Spanish Chilean, Peru Lima Spanish Peruvian, Cuba Havana Spanish Cuban,
  Colombia Bogotá Spanish Colombian, Hungary Budapest Hungarian Hungarian, Austria Vienna German Austrian, Korea Seoul Korean Korean,
  Vietnam Hanoi Vietnamese Vietnamese, Thailand Bangkok Thai Thai, England London English English, Ireland Dublin English Irish,
  Australia Canberra English Australian, Iraq Baghdad Arabic Iraqi, Iran Tehran Persian Iranian,
  Romania Bucharest Romanian Romanian, Bulgaria Sofia Bulgarian Bulgarian, Ukraine Kyiv Ukrainian Ukrainian`;

export const cities = `Paris, London, Rome, Berlin, Madrid, Tokyo, New York, Chicago, Boston, Vienna, Lisbon, Moscow, Cairo, Sydney,
  Toronto, Athens, Venice, San Francisco, Dublin, Prague, Amsterdam, Istanbul, Mumbai, Shanghai, Seattle, Oslo, Dallas, Miami, Denver`;
