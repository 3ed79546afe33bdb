// Small stories. An opening introduces p (and q, of the other gender), middles and ends go on about them. Written for this
// project.

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

/** Stories that are whole as they stand. */
const whole = lines(`
  {p:person} wanted to surprise {q:person!p}. {p.he} bought {a t:gift} and hid {t.him} {:spot}. But {q} found {t.him} the same evening. "Is this for me?" {q.he} asked. {p} laughed. "Yes, but you should have waited," {p.he} said.
  {p:person} could not find {p.his} {t:portable}. {p.he} looked [on the table|in the kitchen|in {the r:room}] and [under the bed|behind the sofa|in the car], but {t.he} {t~was} not there. Then {q:person!p} came in. {q.he} was holding the {t} in {q.his} hand.
  {p:person} was walking [through the park|along the river|down the street] when {p.he} saw {a a:beast}. {a.he} {a~was} [wet|hungry|lost|hurt|shaking with cold], so {p} took {a.him} home. {q:person!p} was surprised, but {q.he} let {a.him} stay.
  It was {p:person's} birthday. {p.his} {k:relative} gave {p.him} {a t:gift}, and {q:person!p} gave {p.him} {a u:gift}. {p} liked both of them, but {p.he} liked the {t} best, because {t.he} {t~was} [something that {p.he} had always wanted|from {p.his} {k}|so {b:is-worth}].
  {p:person} and {q:person!p} went to {c:city} together. {p.he} wanted to see {the t:townplace}, but {q.he} wanted to go to {the u:townplace}. In the end, they did both.
  {p:person} was cooking {some d:dish.q} when the phone rang. {p.he} talked to {q:person} for half an hour. When {p.he} came back into the kitchen, it was full of smoke. The {d} {d~was} black.
  The train was full. {p:person} was standing next to {a o:other} with {a t:container}. Suddenly the train stopped, and {t.he} fell on {p.his} foot. "I am so sorry," said the {o}. "It does not matter," said {p}, but {p.his} foot hurt.
  {p:person} dropped {p.his} {t:portable} into the {n=lake}. {t.he} sank at once. {q:person!p}, who was a good swimmer, jumped into the water and brought {t.him} back. {p} thanked {q.him} again and again.
  {p:person} planted {a t:plant} behind {p.his} house. {p.he} watered {t.him} every day. After {n:few} years, {t.he} {t~was} taller than {p.he} was.
  {p:person} found a wallet on the street. There were {n:few} hundred dollars in it. {p.he} took it to the police station. The next day, {a o:other} came to {p.his} door and thanked {p.him}.
  {p:person} did not like {v:vegetable.s}. {p.his} {k:elder} cooked {v.him} every week. One day, {p} gave them to the dog under the table. The dog did not like them, either.
  {p:person} had a dream. In {p.his} dream, {p.he} could fly. {p.he} flew over {the t:townplace} and over {the n:nature}. When {p.he} woke up, {p.he} was lying on the floor next to {p.his} bed.
  {p:person} was afraid of the dark, so {p.his} {k:elder} put a small lamp next to {p.his} bed. "Now the dark is afraid of you," {k.he} said. {p} smiled and fell asleep.
  There was once {a k:girl/boy} who lived near {the n:nature}. {k.he} had only one friend, {a o:beast}. Every day, {k.he} shared {k.his} bread with {o.him}. One winter, {k.he} lost {k.his} way in the snow, and the {o} led {k.him} home.
  The {a:beast} was hungry. {a.he} saw {a b:bird} in a tree. "Your song is so beautiful," said the {a}. "Come down and sing for me." But the {b} was clever. "You can hear me very well from there," {b.he} said, and {b.he} flew away.
  Once upon a time, {a a:beast} and {a b:bird} were friends. The {a} was strong, and the {b} was clever. When hunters caught the {a} in a net, the {b} called all the {m=mouse.s}, and {m.he} cut the ropes with their teeth.
  {p:person} bought a lottery ticket every week. {p.he} never won anything. {:opening-past} {p.he} gave {p.his} ticket to {q:person!p}, because {p.he} had no change for the bus, and {q.he} paid for {p.him}. That ticket won.
  {p:person} had an important [exam|interview|meeting]. {p.he} studied all week and slept very little. On the great day, {p.he} overslept. {q:person!p} drove {p.him} there, and {p.he} arrived just in time.
  {p:titled} has lived in the same house for {n:few} years. {p.he} knows everyone on the street. When {p.he} was ill last winter, the neighbors cooked for {p.him} every day. Now {p.he} bakes {d:baked} for all of them.
  {p:person} was new at the school. On the first day, {p.he} sat alone. On the second day, {q:person} sat down next to {p.him} and offered {p.him} half of {q.his} {d:fruit}. They have been friends ever since.
  {p:person} and {q:person=p} wanted the same {t:gift}. "I saw {t.him} first," said {p}. "But I picked {t.him} up first," said {q}. The shop owner laughed and brought another one.
  {p:person} heard a strange noise in {the r:room}. {p.he} took {a t:tool} and opened the door slowly. It was only {p.his} {d:pet}. {d.he} had knocked over {a v:breakable}.
  The car broke down in the middle of nowhere. {p:person} opened the hood, but {p.he} did not see anything. {q:person!p} looked, too. "We have no more gas," {q.he} said. They had to walk {n:few} miles.
  {p:person} wrote a long letter to {q:person!p}. {p.he} wrote about {t:topic} and about {p.his} {k:relative}. When {q} read it, {q.he} had to smile. {q.he} answered {p.him} the same day.
  {p:person} was learning to ride a bicycle. {p.his} {k:elder} held it, and {p.he} rode along the street. After a while, {p.he} looked back. {p.his} {k} was standing far behind {p.him}. {p.he} was riding alone!
  {p:person} lent {p.his} {t:portable} to {q:person!p}. Weeks went by, and {q.he} did not bring {t.him} back. At last {p} asked {q.him} about {t.him}. "I am so sorry," said {q}. "I lost {t.him}, and I was too ashamed to tell you."
  {p:person} opened the window. {a b:bird} flew into the room and sat down on {the f:furniture}. {p} gave {b.him} some bread. Since then, {b.he} has come back every morning.
  In the {s:season} of that year, {p:person} moved to {c:city}. {p.he} did not know anyone there. At work, {p.he} met {q:person!p}, who came from {d:country}. {q.he} showed {p.him} the city, and soon they became friends.
  {p:person} has {n:few} brothers and {m:few} sisters. There is never enough room in {the r:room}, and there is never enough {d:drink}. But {p.he} would not want to live in any other family.
  {p:person} went to the doctor because {p.his} {b:bodypart} hurt. The doctor looked at it and asked {p.him} a few questions. "It is not serious," said the doctor. "You need some rest." {p} was relieved.
  {p:person} took the bus to {the t:townplace}. A {o:other} sat down next to {p.him} and began to talk about {u:topic}. {o.he} talked so long that {p} missed {p.his} stop.
  The lights went out. "Don't be afraid," said {p:person}. {p.he} lit a candle, and {q:person!p} told a story about {a a:wild}. When the lights came back on, everyone was almost sorry.
  {p:person} and {q:person!p} played {g:game}. {p.he} won the first game, and {q.he} won the second. They wanted to play a third one, but it was time for {q.him} to go home.
  {p:person} asked {p.his} {k:elder} for {a d:pet}. "No," said {p.his} {k}. "{d.he} would make too much work." {p} promised to take care of {d.him}. Now {p.his} {k} takes {d.him} for a walk every evening.
  {p:person} was standing in line at the {t:shop}. In front of {p.him}, {a o:other} was paying with coins, one by one. {p} looked at {p.his} watch. {p.he} was late for the {e:event}.
  {p:titled} was the strictest teacher at the school. Nobody dared to talk when {p.he} was in the room. But when {q:person} fell and hurt {q.his} knee, {p} carried {q.him} to the nurse and stayed with {q.him} all afternoon.
  {p:person} put {the t:gift} into {the c:container} and closed {c.him}. Then {p.he} went to {the r:room}. While {p.he} was away, {q:person!p} took the {t} out of the {c} and put {t.him} on the {f:furniture}. When {p} came back, {p.he} looked for {t.him} in the {c}.
  {p:person}, {q:person!p}, and {r:person} went to the beach. {p} brought {some f:fruit.q}, {q} brought {some d:drink}, and {r} brought a ball. {p} and {q} swam, but {r} stayed on the sand, because the water was too cold.
`);

const opens = lines(`
  {:opening-past} {p:actor} {p>town.ed}.
  {:opening-past} {p:actor} {p>travel.ed}.
  {:opening-past} {p:actor} {p>shopping.ed}.
  {:opening-past} {p:actor} {p>nature.ed}.
  {:opening-past} {p:actor} {p>home.ed}.
  {:opening-past} {p:actor} {p>cooking.ed}.
  {:opening-past} {p:actor} {p>office.ed}.
  {:opening-past} {p:actor} {p>school.ed}.
  {:opening-past} {p:actor} {p>family.ed}.
  {:opening-past} {p:actor} {p>sport.ed}.
  {:opening-past} {p:actor} {p>farm/garden.ed}.
  {:opening-past} {p:actor} {p>art/phone.ed}.
  {:weatherly} {p:person} {p~was} [at home|in {the r:room}|on {p.his} way to {the t:townplace}|in {c:city}|late for work|alone].
  {p:person} [wanted|had|decided|needed|promised] to {p>town/shopping/home/family-willingly}, but {p.he} {p~was} [too |very |]{a:is-hindered}.
  {p:person} {p~was} {p>leisure-usually.ing} when somebody knocked on the door.
  It was [early|late|almost dark|a quiet evening|a busy day], and {p:person} {p~was} {p>work/home/office-usually.ing}.
  {p:person} is {a j:job} from {c:city}. {:opening-past} {p.he} {p>travel/town.ed}.
  {p:titled} is our {j:job}. {:opening-past} {p.he} {p>town/shopping/office.ed}.
`);

const middles = lines(`
  {:then-past} {p.he} {p>home.ed}.
  {:then-past} {p.he} {p>town.ed}.
  {:then-past} {p.he} {p>eating.ed}.
  {:then-past} {p.he} {p>leisure.ed} and {p>phone.ed}.
  {:weatherly}
  {p.he} {p~was} {a:is-feeling} and {p>leisure-usually.ed} {:duration}.
  {p} [met|saw|called|visited|remembered] {:friend}[ there| on the way| by chance|].
  {p.he} [forgot|lost|found|dropped|bought] {a t:portable}[, but {p.he} did not notice it|, and {p.he} put {t.him} in {p.his} pocket|].
  {p} wanted to {p>shopping/town/eating-willingly}, but [it was too late|there was no time|{p.he} had no money|{p.he} changed {p.his} mind].
  {p.his} {k:relative} [called|wrote to|waited for|was looking for|came with] {p.him}. {k.he} {k~was} {a:is-feeling}.
  There was {a t:portable} {:spot}. {p} [picked {t.him} up|wondered whose {t.he} was|did not see {t.him}|gave {t.him} to {p.his} {k:relative}].
  {a j:job} [asked {p.him} for the time|showed {p.him} the way|helped {p.him}|looked at {p.him} strangely|wished {p.him} a good day].
  "[What a day|I should have stayed at home|This is wonderful|I have never seen anything like this|Where did I put my {t:portable}]," {p.he} [thought|said to {p.self}|said aloud].
  After that, {p} needed [a break|a cup of {d:drink}|some rest|some fresh air|{a d:dessert}].
  {p.he} looked at the [clock|sky|map|people|letter] and [smiled|sighed|waited|began to walk faster|shook {p.his} head].
  {p} thought about {t:topic} and about {p.his} {k:relative}, who {k~was} in {c:city}.
  Without {p.his} {t:portable}, {p} could not {p>office/home/travel-willingly}.
  On the way, {p.he} saw {a a:beast}. {a.he} {a~was} [sitting under a tree|drinking from a puddle|looking for food|running across the road].
  {p.he} [paid|waited|looked around|asked for the price|counted {p.his} money] and {p>leisure-usually.ed} afterward.
  The [air|street|room|sky|house] was [full of smoke|quiet|strange|dark|bright], and {p} [stopped for a moment|walked on|liked that|did not notice it|thought of {p.his} {k:relative}].
  {p.he} took {p.his} {t:portable} out of {the c:container} and put {t.him} {:spot}.
  {p} bought {n:few} {f:fruit.s} for {p.his} {k:relative}, because {k.he} {k~was} [ill|hungry|coming for dinner|fond of fruit].
  There was a {j:job} [at the door|in front of the house|on the corner], but {p} did not see {j.him}.
  {p.he} {p>phone.ed}, and then {p.he} {p>eating.ed}.
  Somewhere a [dog barked|bell rang|door closed|baby cried|clock struck {n:hour}|radio was playing]. {p} [listened|did not notice it|stopped|held {p.his} breath].
  {p.he} had never {p>travel/art/sport-willingly.en} before.
  "[Better late than never|Practice makes perfect|Time is money|Honesty is the best policy]," {p.his} {k:relative} always said, and {p} thought of {k.him}.
  By {n:hour} o'clock, {p.he} {p~was} [tired, so {p.he} {p>when-tired.ed}|hungry, so {p.he} {p>when-hungry.ed}|cold, so {p.he} {p>when-cold.ed}|bored, so {p.he} {p>when-bored.ed}].
  {p.his} {b:bodypart} hurt, but {p.he} {p>work/home-willingly.ed} all the same.
`);

const duo = lines(`
  {q:person!p} {q~was} there, too. {q.he} {q>leisure.ed}.
  {q:person!p} came along, because {q.he} wanted to {q>shopping/town/nature-willingly}.
  There {p.he} met {q:person!p}, who {q~was} {q>leisure-usually.ing}.
  {q:person!p} helped {p.him}, although {q.he} {q~was} {a:is-hindered}.
  {q:person!p} was waiting for {p.him} {:where}.
  {q:person!p}, {p.his} [neighbor|friend|cousin|colleague], had {q>leisure-willingly.en} and wanted to tell {p.him} about it.
  Suddenly {q:person!p} stood in front of {p.him}. {q.he} was carrying {a t:container}.
  {q:person!p} called {p.him} and asked if {p.he} wanted to {p>leisure/town-willingly}.
  {p.he} thought of {q:person!p}, who had once {q>travel/sport-willingly.en} with {p.him}.
  {q:person!p} saw {p.him} from the window and waved.
  Later {q:person!p} came, too. {q.he} had brought {some f:fruit.q} and {some d:drink}.
  A {c:is-color} {v:ride} stopped. {q:person!p} got out and greeted {p.him}.
`);

const duoMiddles = lines(`
  {q} asked {p.him} [what {p.he} was doing|where {p.he} was going|to wait|for help|about {p.his} {k:relative}].
  {p} told {q.him} about {t:topic}. {q.he} listened [carefully|with interest|politely|without a word].
  {p} gave {q.him} {a t:portable/fruit}, and {q.he} thanked {p.him}.
  {q} {q>eating.ed}, and {p} {p>eating.ed}.
  "Do you want to {you>leisure-willingly}?" asked {q}. "{:yes/no}," said {p}.
  {q.he} wanted to go home, but {p.he} did not.
  {p} laughed, but {q} did not understand why {p.he} was laughing.
  {q} showed {p.him} {q.his} new {t:device}. {t.he} {t~was} {c:is-color}.
  {p} waited for {q} {:duration}. At last {q.he} came.
  {q.he} told {p.him} that {q.he} had {q>work/health/money.en}. {p} was [surprised|glad|sorry|not interested].
  {q.he} asked {p.him} whether {p.he} had seen {q.his} {t:portable}. {p} found {t.him} {:spot}.
  {p} offered {q.him} {some d:drink}, but {q.he} was not thirsty.
  {p.he} wanted to know what {q.he} thought about {t:topic}. "[I never think about it|It is more important than anything|That is a difficult question|Ask me tomorrow]," said {q}.
  They talked about {t:topic} [until it was dark|for an hour|and forgot the time|over a cup of {d:drink}].
  {q} invited {p.him} to {a e:event}. {p.he} [accepted at once|said that {p.he} had no time|promised to come].
  {q} had to leave at {n:hour} o'clock, so {p} [walked with {q.him} to {the t:townplace}|said goodbye to {q.him}|called a taxi for {q.him}].
  {p} helped {q.him} to {q>home/garden-willingly}, and {q.he} made {some f:dish.q} for {p.him}.
  {q.he} looked at {p.him} and [smiled|shook {q.his} head|said nothing|waited for an answer]. {p} {p>felt-good/felt-bad.ed}.
  {p} and {q} {p&q>eating/town/leisure-willingly.ed} together, [but it was not the same as before|and everybody was happy|until it began to rain|as they always did on {d:weekday.s}].
  "[You should see a doctor|I like your {t:garment}|I have something for you|You look tired|It is good to see you]," said {q}. "[Thank you|Do you think so|I know|Really]," [said|answered|whispered] {p}.
  {p} forgot {p.his} {t:portable}, so {q} ran after {p.him} and gave {t.him} back.
  {q} was {a:is-character}, and {p} liked that.
  {q} told {p.him} the way to {the t:townplace}, but {p.he} got lost anyway.
`);

const ends = lines(`
  {p.he} came home [late|early|tired but happy|with an empty bag|in the rain] and {p>night-usually.ed}.
  In the end, {p} {p~was} {a:is-feeling}, but {p.he} {p>felt-good.ed}.
  It was a day that {p} would never forget.
  That night, {p.he} {p>night.ed}.
  {p.he} {p>felt-good/felt-bad.ed}.
  "Tomorrow is another day," {p.he} said.
  And so {p} {p>night/leisure.ed} and forgot everything else.
  Later, {p.he} told {p.his} {k:relative} about it. {k.he} [laughed|did not believe {p.him}|smiled|said nothing|was proud of {p.him}].
  At home, {p.his} {d:pet} was waiting for {p.him}. {d.he} was hungry.
  Since that day, {p} {p>leisure-usually.s} {:when-usual}.
  {p.he} wrote about it in {p.his} diary and {p>night-usually.ed}.
  The next morning, {p} {p>morning-usually.ed} as if nothing had happened.
  In the end, [everything was all right|it was not so bad|nobody was angry|it was worth the trouble], and {p} {p>leisure-usually.ed}.
  {p} never {p>travel/town-willingly.ed} again.
  When {p} finally {p>night-usually.ed}, it was almost {n:hour} o'clock.
  That is how {p} {p>money/shopping/home-willingly.ed} for the first time.
  {p} looked back once more and went {:direction}.
`);

export const stories = { whole, opens, middles, duo, duoMiddles, ends };
