// What people do, by where or when: verb first, then the rest as a template; @ is who does it. "!" marks what happens to
// somebody, "-" what is done on purpose but is no habit. Written for this project.

export const activities = {
  home: `clean {the r:room}; sweep the floor; wash the dishes; dry the dishes; make {@.his} bed; tidy {the r:room}; vacuum the carpet;
    dust the shelves; fold the laundry; iron {a c:garment}; do the laundry; hang up {the c:garment}; water the plants; feed the [cat|dog|fish|rabbit];
    -paint the walls; -move {the f:furniture}; -fix {the f:furniture}; open the window; close the curtains; lock the front door;
    turn on the heater; turn off the lights; light a candle; take out the trash; answer the door; -look for {the p:portable};
    !wait for the mail; change the sheets; sit by the fire; put away the groceries; empty the dishwasher; polish the silver;
    -hang a picture on the wall; -repair {the a:appliance}; -unpack the boxes; mop the kitchen floor; look out of the window;
    -search the house for {the p:portable}; -put {the p:portable} on the table; invite {@.his} neighbors; throw away the old newspapers;
    wipe the table; set the table; clear the table; -replace the light bulb; scrub the bathtub; close {the b:buildingpart}`,
  cooking: `make {a d:dish}; cook {some d:dish.q}; bake {a d:baked}; prepare dinner; prepare a salad; boil {some v:vegetable.q}; fry {some d:dish.q};
    peel {some v:vegetable.q}; chop {some v:vegetable.q}; slice {a f:fruit}; mix the flour with the eggs; stir the soup; taste the sauce; add [some |a little |more ]{i:ingredient};
    heat the oven; wash {some f:fruit.q}; set the table; -follow an old recipe; make {some d:drink}; pour {some d:drink} into a glass;
    cut the bread; spread butter on the toast; squeeze the lemons; roast a chicken; grill {some d:dish.q}; serve the soup; warm up the milk; beat the eggs;
    weigh the flour; !burn the toast; boil the water; grate the cheese; melt the butter; decorate the cake; read the recipe; wash the pot`,
  eating: `eat {a f:fruit}; eat {a d:dish}; drink {some d:drink}; have breakfast; have lunch; have dinner; eat {some d:dessert}; order {a d:dish};
    -try the {d:dessert}; finish {@.his} meal; drink a cup of {d:drink}; share {a d:dessert} with {@.his} friends; ask for the bill; pay for lunch; taste the {d:dish};
    eat at a restaurant; skip breakfast; order a glass of {d:drink}; enjoy the meal; have a snack; !spill {some d:drink}; leave a tip; reserve a table`,
  garden: `water the flowers; plant {a t:plant}; cut the grass; pull weeds; pick {some f:fruit.q}; -dig a hole; rake the leaves; grow {v:vegetable.s}; trim the hedge;
    sit under {a t:plant}; feed the birds; watch {a b:bird}; plant {some v:vegetable.q}; -build a fence; lie in the sun; -climb a tree; water the lawn; collect the eggs;
    burn the dry leaves; sow the seeds; gather wood; carry {a t:tool} to the shed; -paint the fence; -cut down an old tree; chase {a w:insect}`,
  school: `study {s:subject}; do {@.his} homework; read {a b:reading}; write an essay; take a test; -pass the exam; !fail the exam; learn a new word; answer the question;
    ask a question; raise {@.his} hand; draw a picture; solve a math problem; listen to the teacher; !forget {@.his} homework; give a talk about {t:topic};
    -learn a poem by heart; write a story about {t:topic}; read about {t:topic}; practice {@.his} spelling; copy the sentence; borrow {a s:schoolthing}; !lose {@.his} {s:schoolthing};
    -work on a project about {t:topic}; look up a word; count to a hundred; -finish {@.his} report; !miss the school bus; !arrive late for class; sit in the first row;
    talk with {@.his} teacher; prepare for the exam; check {@.his} answers; take notes; -explain the problem; -correct the mistakes; -join the {s:sport} team;
    -memorize the dates; write {@.his} name on the paper; sharpen {@.his} pencil; open {@.his} textbook; !get a good grade in {s:subject}; !improve {@.his} {s:subject}`,
  office: `write {a r:office}; read {the r:office}; send an email; answer the phone; attend a meeting; call a customer; -sign the contract; print {the r:office};
    finish the report; check the numbers; -plan the budget; -hire a new assistant; discuss the results; work on {a p:idea}; prepare a presentation; make a decision;
    take a break; -leave the office; -start a new job; -ask for a raise; interview a candidate; order new supplies; -cancel the meeting; write down the address;
    -meet an important client; work late; fill out a form; solve the problem; lead the team; -present the plan; -change the schedule; copy the documents;
    -explain the situation; -describe the project; collect the data; reply to a customer; -organize a conference; make a phone call; -accept the offer; -review the contract;
    -develop a new product; -compare the prices; reduce the costs; increase production; manage the department; !earn a promotion; -retire from work; -quit {@.his} job`,
  shopping: `-buy {a c:clothing}; buy {some f:fruit.q}; -buy {a g:gift}; -look for {a c:clothing}; -try on {a c:clothing}; pay in cash; pay by card; -return {the c:clothing}; -compare the prices;
    stand in line; -choose {a g:gift}; go to {the s:shop}; !spend too much money; find a bargain; -order {a d:device} online; carry the bags; !forget the shopping list;
    ask for a discount; buy {some v:vegetable.q}; push the shopping cart; -pick out {a g:gift}; get {some d:dessert.q}; wait at the counter; keep the receipt; -sell {@.his} old {d:device};
    -buy a pair of shoes; look at the shop windows; count the change; -exchange {the c:clothing} for a bigger one`,
  sport: `play {s:sport}; practice {s:sport}; watch the {s:sport} game; kick the ball; throw the ball; catch the ball; run five miles; !win the race; !lose the match; score a goal;
    go swimming; go running; ride {@.his} bicycle; lift weights; train for the race; climb the hill; -swim across the lake; -join a team; jump over the fence; run around the park;
    !beat the champion; cheer for {@.his} team; warm up before the game; !hurt {@.his} {b:bodypart}; go skiing; skate on the pond; do yoga; stretch {@.his} legs; hit the ball; pass the ball;
    !finish the race in second place; !break the record; teach {s:sport}; !miss the goal; !win a medal; walk ten miles; do {e:exercise}; race to {the t:townplace}`,
  travel: `take the train to {c:city}; -fly to {c:city}; -drive to {c:city}; -visit {c:city}; pack {@.his} suitcase; -book a hotel; !miss the train; catch the bus; buy a ticket; !lose {@.his} passport;
    -travel around the world; -cross the border; take pictures of {the t:townplace}; -rent a car; read the map; !get lost; ask for directions; wait at the airport; -travel to {c:country};
    -spend a week in {c:city}; -explore the old town; camp by {the n:nature}; hike through the mountains; -sail across the sea; send a postcard; look out of the train window; -arrive at the hotel;
    -learn some {l:language}; visit {the t:townplace}; -climb the tower; change trains in {c:city}; -plan a trip to {c:country}; -unpack {@.his} bags; swim in the sea; taste the local food; -cancel the trip;
    get off the bus; get on the train; board the plane; -exchange money; -stay at a small hotel; stop for gas; -leave for {c:city}; -return from {c:country}; meet people from {c:country}`,
  town: `walk to {the t:townplace}; go to {the t:townplace}; cross the street; wait for the bus; park the car; visit {the t:townplace}; meet a friend at {the t:townplace}; ride the bus; feed the pigeons; sit in the park;
    mail a letter; borrow a book from the library; go to the movies; look for a parking space; drive through the city; stop at the red light; wait at {the t:townplace}; walk past {the t:townplace};
    -get a haircut; deposit some money; !see a play; take a taxi; talk to a police officer; buy a newspaper; stroll along the river; -pick up a package at the post office; run to {the t:townplace};
    listen to the street musicians; work near {the t:townplace}; look at the paintings in the museum; live near {the t:townplace}; !find {a p:portable} on the sidewalk`,
  nature: `walk in the forest; -climb the [mountain|hill|volcano|cliff|rocks]; swim in the lake; sit by the river; watch the {b:bird.s}; catch a fish; collect shells; pick flowers; follow the path; -build a sandcastle; look at the stars;
    -put up the tent; make a fire; !see {a w:wild}; !hear {a b:bird}; take a photo of {a w:wild}; rest in the shade; row the boat; cross the river; walk along the beach; !find a cave; watch the sunset; hike to the waterfall;
    -skip stones on the water; listen to the wind; gather mushrooms; -explore {the n:nature}; lie in the grass; hunt for mushrooms; chase butterflies; sleep in a tent; smell the flowers; draw {a t:plant}; enjoy the view`,
  phone: `charge {@.his} phone; send a message; call {@.his} friend; take a picture; -delete {the d:digital}; open {the d:digital}; -download {a d:digital}; save the file; -restart the computer; check {@.his} email; !forget the password;
    -change the password; turn off the phone; type a letter; watch a video; play a computer game; share {a d:digital}; -install a new program; -update the software; -fix the printer; search the internet for {t:topic}; post {a d:digital};
    !drop {@.his} phone; !lose the connection; read the news online; plug in the charger; print the photo; click on the link; scan the document; answer the message; turn up the volume; write a program; -build a website; connect the printer;
    copy the files; look at the screen; listen to a podcast about {t:topic}; set the alarm; turn down the radio; -back up {@.his} files`,
  family: `visit {@.his} grandparents; help {@.his} mother; play with the children; read a story to the children; call {@.his} parents; take care of the baby; hold the baby; look at old photos; -celebrate a birthday; tell a story; sing a song;
    write to {@.his} cousin; talk with {@.his} father; !miss {@.his} family; !argue with {@.his} brother; hug {@.his} sister; -get married; have a party; invite {@.his} relatives; -teach {@.his} son to swim; -bake a cake for {@.his} daughter; -forgive {@.his} brother;
    wait for {@.his} sister; put the baby to bed; share a room with {@.his} brother; -surprise {@.his} parents; feed the baby; take the children to school; -move in with {@.his} parents; -take {@.his} children to the zoo; -wish {@.his} aunt a happy birthday`,
  health: `see a doctor; -take the medicine; go to the dentist; stay in bed; !catch a cold; !have {a i:illness}; brush {@.his} teeth; get enough sleep; drink a lot of water; eat more vegetables; !feel much better; -call an ambulance; !break {@.his} {b:bodypart};
    !get well soon; rest for a few days; -quit smoking; lose some weight; go for a walk; wash {@.his} hands; wear a mask; take a deep breath; -have an operation; -go to the hospital; take {@.his} temperature; !recover from {the i:illness}; -get a shot; wear glasses;
    -put a bandage on the cut; !hurt {@.his} {b:bodypart}; !need some rest; exercise more`,
  money: `save some money; pay the {b:bill}; -spend {@.his} money on {a g:gift}; borrow money; -lend {@.his} friend ten dollars; -open a bank account; earn more money; count the coins; !win some money; !lose a lot of money; give money to the poor; -sell {@.his} car;
    -buy a house; -pay for the damage; -invest in a small company; -ask the bank for a loan; !get a raise; !owe {@.his} brother twenty dollars; !find a coin; check {@.his} account; collect stamps; -donate to the hospital; -hide {@.his} savings; share the costs; raise money for the school;
    -rent an apartment; -pay back the loan; split the bill; !make a profit`,
  art: `play the {i:instrument}; -learn to play the {i:instrument}; paint a picture; draw {a w:wild}; sing in the choir; write a poem about {t:topic}; read {a m:reading} about {t:topic}; watch {a m:watching} about {t:topic}; go to a concert; dance to the music; listen to {a m:hearing}; practice the {i:instrument}; -act in a play;
    take photos; visit an art museum; write a song; knit {a c:garment}; sew {a c:garment}; carve a bird out of wood; tune the {i:instrument}; perform on stage; -write a novel about {t:topic}; -make a short film about {t:topic}; -design a poster; sing along with the radio; study the paintings; teach music; -buy a new {i:instrument}; -publish {a m:reading};
    read poetry; learn a new dance; -build a model ship; collect old records; -draw a map of the island`,
  leisure: `read {a m:reading}; watch television; play {g:game}; listen to music; take a nap; go for a walk; solve a puzzle; play with the dog; fly a kite; go fishing; visit a friend; chat with the neighbors; bake cookies; write in {@.his} diary; ride {@.his} bicycle; go dancing; sit on the porch; tell jokes; play cards; watch the rain;
    look through a magazine; do a crossword puzzle; -plan the weekend; sleep late; meet some friends; go to a party; learn {l:language}; play a board game; take a long bath; go shopping; -make plans for the summer; stay at home; relax on the couch; build {a t:toy}; walk the dog; enjoy the sunshine; have a picnic; !daydream`,
  morning: `!wake up; get up early; get dressed; take a shower; brush {@.his} teeth; comb {@.his} hair; have breakfast; drink a cup of coffee; make the bed; open the curtains; turn off the alarm; feed the [cat|dog|fish]; read the newspaper; leave the house; put on {@.his} {c:clothing}; pack {@.his} lunch; walk to work; catch the bus; go jogging; listen to the news; check the weather; shave; wash {@.his} face; eat a bowl of cereal; look in the mirror; hurry to work; get ready for school`,
  night: `go to bed; !fall asleep; turn off the light; close {@.his} eyes; brush {@.his} teeth; read in bed; set the alarm; !dream about {t:topic}; !lie awake; look at the moon; lock the door; !hear a strange noise; tell a bedtime story; sleep well; say good night; put on {@.his} pajamas; stay up late; come home late; watch a late movie; finish {@.his} book; listen to the rain; get under the blanket; !snore; write a letter; think about the day; work until midnight`,
  work: `work hard; -build {a f:furniture}; -repair {a v:vehicle}; drive a truck; -paint a house; deliver the mail; teach {s:subject}; cut wood; -carry {the c:container}; load the truck; measure the room; -fix the roof; use {a t:tool}; clean the windows; -drill a hole; -lift {the c:container}; guard {the b:townplace}; train the new workers; sharpen {the t:tool}; wear a helmet; start the engine; -dig a ditch; lay bricks; check the brakes;
    -change the tire; oil the machine; load the boxes; hammer a nail into the wall; connect the pipes; test the machine; weld the pipes; -put up a sign; cut the boards; -follow the instructions; inspect the bridge; -take a day off; -design a bridge; operate the machine; stop for lunch; mix the concrete`,
  farm: `milk the cows; feed the {l:livestock.s}; ride a horse; plow the field; pick {some f:fruit.q}; collect the eggs; drive the tractor; plant corn; repair the fence; cut the hay; clean the stable; -lead {the l:livestock} to the barn; harvest the wheat; brush the horse; -chase {the l:livestock}; close the gate; carry water to the {l:livestock.s}; sell vegetables at the market; count the sheep; -build a barn; look after the {l:livestock.s}; raise {l:livestock.s}`,
  dog: `bark at the mailman; chase the cat; chase a ball; -dig a hole; sleep under the table; wag its tail; run across the yard; bury a bone; chew on {a c:clothing}; eat from its bowl; jump on the couch; follow {the p:livestock}; lick its paw; hide behind the door; drink some water; steal a sausage; lie by the fire; play in the snow; swim in the pond; watch the birds; scratch at the door; sniff the grass; hide under the bed`,
  wildlife: `hide in the tall grass; drink from the river; look for food; run through the forest; sleep in the shade; -climb a tree; cross the road; watch the hunters; feed its young; catch a fish; swim across the stream; rest under a tree; follow the herd; search for water; eat some leaves; disappear into the woods; listen for danger; build a nest; move through the bushes; wake up at night`,
  'felt-good':
    'be very happy; be proud of {@.self}; smile; laugh; be pleased with the result; !feel much better; be in a good mood; be glad about it; be thrilled; jump for joy; feel wonderful; be delighted; enjoy every minute of it; forget all {@.his} worries',
  'felt-bad':
    'be very sad; be angry; sigh; be disappointed; be upset; feel terrible; say nothing; begin to cry; be ashamed of {@.self}; shake {@.his} head; be in a bad mood; be worried; feel sorry for {@.self}; complain about it; regret it later',
};
