// Sentences by what they are about, one template a line: things and whose they are, people, places, food, weather, time,
// comparisons, agreement across a distance. Written for this project.

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

export const sentences = {
  possession: lines(`
    This {t:portable} belongs to {p:person}. It is {p.own}.
    The {c:is-color} {t:portable} is {p:person's}, and the {d:is-color} one belongs to {q:person!p}.
    Whose {t:portable} is this? It is {p:actor's}.
    Is this {p:person's} {t:portable}? No, {p.his} {t} is {c:is-color}.
    {p:person's} {t:ride} is {c:is-color}, but {q:person!p's} {t} is {d:is-color}.
    {p:person} has {a c:is-color t:portable}. {p.he} bought {t.him} {:when-past}.
    {p:actor} cannot find {p.his} {t:portable}. {p.he} {p~have} looked everywhere.
    {p:actor} found {p.his} {t:portable} {:spot}.
    {p:actor} left {p.his} {t:portable} {:spot}. Somebody found {t.him} and gave {t.him} back to {p.him}.
    {p:actor} put {the t:portable} {:spot}, and now {p.he} cannot find {t.him}.
    {p:person} gave {q:person!p} {a t:gift} for {q.his} birthday, and {q.he} thanked {p.him}.
    {p:person} lent {q:person!p} {p.his} {t:portable}, but {q.he} lost {t.him}.
    {p:person} borrowed {a t:portable} from {q:person!p} and forgot to give {t.him} back to {q.him}.
    {p:person} showed {q:person!p} {p.his} new {t:device}. {q.he} liked {t.him} very much.
    {p:person} sold {p.his} old {t:ride} to {q:person!p}, because {p.he} did not need {t.him} anymore.
    {p:person} took {q:person!p's} {t:portable} by mistake. {q.he} was looking for {t.him} all day.
    {p:person} received {a t:gift} from {p.his} {k:relative}. {p.he} was very happy about {t.him}.
    {p:person} has {n:few} {t:gift.s}, and {q:person!p} has only one.
    {p:person} owns {a s:is-age h:property}.
    {p:person's} {k:relative} has the same {t:portable} as {q:person's} {l:relative}.
    "Is this your {t:portable}?" asked {p:person}. "No, mine is {c:is-color}," said {q:person}.
    "Whose {t:portable} is that?" "It is mine," said {p:person}.
    {p:person} keeps {p.his} {t:portable} {:spot}.
    {p:actor} never goes anywhere without {p.his} {t:portable}.
    {p:person} wrote {p.his} name on {p.his} {t:portable} so that {p.he} would not lose {t.him}.
    {p:person} hid {the t:gift} {:spot} because {q:person!p} was not supposed to see {t.him}.
    {p:person} took {the t:portable} out of {the c:container} and put {t.him} {:spot}.
    When {p:person} opened {the c:container}, {p.he} found {a t:portable} inside. {t.he} {t~was} {s:is-state}.
    {p:person} carried {q:person!p's} {t:container} to the {r:townplace}, because {q.he} had hurt {q.his} {b:bodypart}.
    Both {p:person} and {q:person} have {a t:instrument}, but only {p} can play {t.him}.
    {p:person} wanted to buy {a t:device}, but {t.he} {t~was} too expensive.
    That {t:portable} used to belong to {p:person's} {k:relative}, who gave {t.him} to {p.him}.
  `),

  places: lines(`
    {the t:portable.s} are {:spot}.
    {the t:portable} {t~be} {:spot}.
    There is {a s:is-age b:townplace} [near|next to|behind|across from|not far from] {the c:townplace}.
    There are {n:few} {t:townplace.s} in {c:city}.
    There is {a t:furniture} in {the r:room}, and there is {a l:furniture} next to {t.him}.
    {the t:townplace} is [on the left|on the right|at the end of the street|in the center of the town|around the corner|on the corner of Main Street|near the river|five minutes from here].
    Excuse me, where is {the t:townplace}? [Go straight ahead and turn left at {the u:townplace}.|It is next to {the u:townplace}.|Turn right at the corner.|It is just across the street.|I am sorry, I am not from here.]
    How far is it to {the t:townplace}? It is about {n:few} [miles|minutes] from here.
    "How do I get to {the t:townplace}?" asked {p:actor}. "Take the [bus|train|subway|second street on the left]," said {a j:job}.
    {p:person} lives in {c:city}, but {q:person!p} comes from {d:city}. {p.he} has never been there.
    {p:person} was born in {c:city} and grew up in {d:city}.
    {p:person} moved from {c:city} to {d:city} because {p.he} had found [a new job|a better school|a cheaper apartment|the love of {p.his} life] there.
    In front of {the t:townplace} {v:few} {p:other.s} were waiting.
    On the table, there was {a t:kitchenware}, {a u:kitchenware}, and {a v:portable}.
    In {the c:container}, {p:person} found {a t:portable}, {a u:portable}, and {a v:portable}.
    The path leads [through the forest|along the river|up the hill|around the lake|across the field] to {the t:townplace}.
    The room has {n:few} [windows|chairs|doors|beds] and {a f:furniture}.
    The {r:room} is [upstairs|downstairs|on the first floor|next to the {s:room}].
    {p:person} put {the t:furniture} between {the u:furniture} and {the v:furniture}.
    {the b:townplace} was built {n:few} [hundred years|years|months] ago.
    {the t:nature} lies [in the north|in the south|in the east|in the west] of {c:country}.
    {c:city} is [bigger|older|smaller|more beautiful|more crowded|cheaper|quieter] than {d:city}.
    The {t:townplace} in {c:city} is one of the [oldest|largest|most beautiful|most famous] in the [country|world].
    A {c:is-color} {v:vehicle} stopped in front of {the t:townplace}. {a j:job} got out.
    The train from {c:city} to {d:city} leaves at {n:hour} o'clock.
    Someone has left {a t:portable} {:spot}.
    Is there {a t:shop/townplace} near here? Yes, there is one [next to|across from|behind] {the u:townplace}.
  `),

  people: lines(`
    {p:person} is {a j:job}. {p.he} works in {a t:workplace} in {c:city}.
    {p:person} wants to be {a j:job} when {p.he} grows up.
    {p:person} is {n:number} years old, and {p.his} {k:relative} is {m:number}.
    My name is {p:person}, and I am from {c:country}.
    My [best friend's|neighbor's|brother's|teacher's] name is {p:person}. {p.he} is {a:is-character} and {b:is-good}.
    {p:person} is {a:is-good}, but {q:person!p} is {b:is-bad}. Everybody likes {p.him}.
    {p:person} looks like {p.his} {k:relative}, who {k~be} also {a:is-character}.
    {p:person} has {n:few} children and {a d:pet}.
    {p:person} has known {q:person!p} since {q.he} was a child.
    {p:person} met {q:person!p} {:when-past}. {p.he} liked {q.him} at once.
    {p:person} married {q:person!p} {:when-past}. They have been happy ever since.
    {p:person} and {q:person} are [friends|neighbors|cousins|colleagues|classmates|twins|old friends|partners].
    {p:person} and {q:person!p} love each other.
    {the j:job} who lives next door is from {c:country}. {j.he} speaks {l:language} and {m:language}.
    {the j:job} with the {c:is-color} {h:clothing} is {a:is-good}.
    {p:person} is the {a:is-character.est} person I know.
    Who is the {o:other} with the {c:is-color} {h:garment}? That is {p:person}, {a j:job} from {d:city}.
    {p:person} speaks {l:language}, but {p.he} does not understand {m:language}.
    {p:person} is proud of {p.his} {k:relative}, because {k.he} is {a j:job}.
    {p:titled}, our {j:job}, is [very |quite |]{a:is-character}.
    {p:person} feels {a:is-feeling} today. {p.his} {k:relative} is worried about {p.him}.
    {p:person} never gives up, because {p.he} is {a:is-good} and {b:is-good}.
    People say that {p:titled} is {a:is-character}, but I do not believe it.
    {the j:job} asked {the k:job} for help.
    {the j:job} is talking to {the k:job} about {t:topic}.
    Everyone in the {g:group} likes {p:person}, because {p.he} is so {a:is-good}.
    Nobody trusts {p:person}, because {p.he} is {a:is-bad}.
    {p:person} wears {a c:is-color h:garment} and {a d:is-color i:garment}.
    {p:person} was wearing {a c:is-color h:garment}, and {q:person!p} was wearing {a d:is-color i:garment}.
    {p:person} has [long|short|dark|blond|brown|black|curly|gray] hair and [blue|brown|green|dark] eyes.
    {p:person} is taller than {q:person}, but {q} is older than {p}.
    {p:person}, {q:person}, and {r:person} are [playing {s:sport}|studying {b:subject}|waiting for the bus|sitting in {the m:room}|having lunch]. {p} is the {a:is-character.est} of the three.
    {p:person} hurt {p.self} while {p.he} was [cooking|running|playing {s:sport}|cutting the bread|cleaning the window].
    {p:person} taught {p.self} to [play the {i:instrument}|speak {l:language}|swim|drive|cook|paint].
    {p:person} looked at {p.self} in the mirror and [smiled|sighed|laughed|combed {p.his} hair].
    {p:person} works as {a j:job}, but {p.he} would rather be {a k:job}.
    {p:person} said that {q:person!p} was the best {j:job} in town. {q.he} blushed.
    {p:person} is afraid of {w:wild.s}, and {p.his} {k:relative} is afraid of {x:insect.s}.
    {p:person} lives alone with {p.his} {d:pet}. {d.he} keeps {p.him} company.
    {p:person} introduced {q:person!p} to {p.his} {k:relative}. {k.he} shook {q.his} hand.
    {p:kin} was born on the [first|second|third|fourth|fifth|tenth|last day] of {m:month}.
    Nobody knew where {p:person} was. {p.his} {k:relative} was looking for {p.him}.
    Both of my [sisters|brothers|cousins|neighbors] are {j:job.s}.
    Some {j:job.s} are {a:is-character}, and others are {b:is-character}.
  `),

  food: lines(`
    {p:actor} likes {f:fruit.s}, but {p.he} does not like {g:vegetable.q}.
    {p:person's} favorite food is {f:dish.q}, and {p.his} favorite drink is {d:drink}.
    {the f:dish} {f~was} [very |too |a little |]{t:is-taste}.
    {the f:dish} {f~be} {t:is-taste}, but {the d:drink} is {u:is-taste}.
    Would you like {a f:dish}? [Yes, please.|No, thank you. I am not hungry.|Yes, I would love some.|No, thanks. I would rather have {some d:dessert.q}.]
    Would you like [tea or coffee|{d:drink} or {e:drink}]? I would like {some g:drink}, please.
    I would like {a f:dish} and a [cup|glass|bottle] of {d:drink}, please.
    {p:person} had {a f:dish} for [breakfast|lunch|dinner]. {q:person!p} only had {a g:fruit}.
    {p:person} eats {a f:fruit} every [day|morning|evening].
    For [breakfast|lunch|dinner], we had {a f:dish} with {g:vegetable.q} and {some d:drink}.
    {p:person} [made|ordered] {a f:dish} for {p.his} {k:relative}, but {k.he} was not hungry.
    The {f:fruit.s} from the [market|garden|shop] are {a:is-fresh}.
    How much are the {f:fruit.s}? They are {n:few} [dollars|cents] a [pound|piece|bag].
    We need {some i:ingredient}, {some f:vegetable.q}, and {n:few} {e:fruit.s}.
    There is {some d:drink} in the refrigerator.
    There is not enough {i:ingredient} for the {c:dessert}.
    {p:person} does not eat [meat|fish|cheese|eggs|nuts], so {q:person!p} made {some f:vegetable.q} for {p.him}.
    The [cook|waiter|baker] brought {a f:dish} and {a g:kitchenware}.
    The {c:dessert} smells good. Did {p:person} make {c.him}?
    Can I have the [salt|menu|bill|sugar|recipe], please?
    {p:person} cut the {c:fruit} into {n:few} pieces and gave one to {q:person}.
    {p:person} drank {n:few} [cups|glasses] of {d:drink} and ate {a f:dessert}.
    {f:fruit.s} are [sweet|healthy|good for you], but too many of them [make you sick|give you a stomachache].
    {the f:dish} {f~was} so {t:is-tasty} that {p:person} asked for more.
    This {f:dish} is {t:is-taste}. What did you put into it?
    The soup tastes of {f:vegetable}.
    {p:person} [forgot|left] the {f:dessert} in the oven, and {f.he} burned.
    {p:person} bought {n:few} {f:fruit.s}, {m:few} {g:vegetable.s}, and a [loaf of bread|bottle of milk|piece of cheese|bag of rice|box of eggs].
    {p:person} baked {a f:baked} for {q:person!p}. {q.he} ate the whole {f}.
  `),

  weather: lines(`
    It is {w:is-weather} today[, but tomorrow it will be {v:is-weather}|].
    It was {w:is-weather} in {c:city} and {v:is-weather} in {d:city}.
    What is the weather like in {c:city}? It is {:weathers}.
    The weather was {w:is-fine}, so {p:anyone} {p>nature.ed}.
    The weather was {w:is-foul}, so {p:anyone} stayed at home and {p>leisure-usually.ed}.
    Because of the {w:weatherthing}, {p:anyone} could not {p>nature/travel-willingly}.
    Although it was {w:is-foul}, {p:anyone} {p>nature/town-willingly.ed}.
    That {s:season}, it was {:weathers} in {c:country}.
    In {m:month}, the [days|nights|mornings] were {:weathers}.
    When it [rains|snows|is {w:is-foul}], {p:person} [wears|takes|puts on] {p.his} {t:garment}.
    {p:person} took {p.his} umbrella because it was raining. {q:person!p} had forgotten {q.own}.
    The [wind|storm|rain|snow] [stopped|started|got stronger|kept us awake|surprised everyone] {:time-of-day}.
    A {w:weatherthing} [is coming|passed over the town|damaged the roof|blocked the road|destroyed the harvest].
    It rained {:duration}, and the streets were full of water.
    It snowed {:duration}. The children built a snowman and gave it a hat.
    The sun [came up over the sea|set behind the mountains|was shining through the window|rises in the east and sets in the west|disappeared behind the clouds].
    The temperature [fell|rose|dropped] to {n:few} degrees.
    It is too {w:is-foul} to {you>nature-willingly}.
    {s:season} is {p:person's} favorite season, because {p.he} likes [the snow|the flowers|the warm evenings|the colors of the leaves|swimming in the lake|the holidays].
    The [storm|wind|rain] was so strong that [the trees fell|nobody could sleep|the ships stayed in the harbor|the lights went out|the school was closed].
    After the rain, there was a rainbow over the {n:nature}.
    The lake is frozen, so {p:anyone} can skate on it.
    The [forecast|newspaper|radio] says that it will [rain|snow|be {w:is-weather}] {:when-future}.
    The {s:season} was {:weathers} that year.
  `),

  comparison: lines(`
    {p:person} is {a:is-character.er} than {q:person}.
    {p:person} is as {a:is-character} as {q:person}.
    {p:person} is not as {a:is-character} as {q:person!p}, but {p.he} is {b:is-character.er}.
    {the t:vehicle} is [older|newer|cheaper|more expensive|cleaner|dirtier|more beautiful] than {the u:vehicle}.
    My {t:device} is {a:is-worth.er} than yours.
    This {t:portable} is {a:is-measure.er} than that one.
    {a w:wild} is [bigger|larger|heavier|stronger] than {a v:insect}.
    An elephant is bigger than {a v:pet}.
    Which is {a:is-measure.er}, {a t:container} or {a u:vehicle}? {a u} is [usually |]{a.er}.
    {the s:subject} lesson was [longer|shorter|more interesting|more boring|more difficult|easier|funnier] than {the t:subject} lesson.
    This is the {a:is-work.est} [{m:reading} that I have ever read|{m:watching} that I have ever seen|{m:hearing} that I have ever heard].
    {c:city} is the {a:is-place.est} city in {d:country}.
    Today it is {a:is-weather.er} than yesterday.
    {p:person} runs faster than {q:person}, but {q} jumps higher.
    {p:person} earns [more|less] money than {q:person!p}, because {p.he} works [longer|harder|only in the morning].
    The more {p:person} [reads|practices|works|eats|thinks about it], the {a:is-feeling.er} {p.he} gets.
    Gold is more expensive than silver.
    {p:person} has [more|fewer] {t:gift.s} than {q:person}.
    {p:person} is the {a:is-character.est} {j:job} in {c:city}.
    {a t:fruit} is sweeter than {a u:vegetable}.
    The {c:is-color} {t:garment} is {a:is-fabric}, but the {d:is-color} one is [warmer|softer|lighter|thicker|newer|more expensive].
    The [second|first|new|last] {m:media} was much better than the [old|third|original] one.
    {p:person's} house is much bigger than {q:person's}.
    {t:sport} is more [popular|exciting|dangerous|expensive] than {u:sport}.
    The {t:furniture} in {the r:room} is [older|newer|cheaper|more expensive|cleaner|dirtier|more beautiful] than the one in {the s:room}.
  `),

  agreement: lines(`
    {the t:portable.s} on {the f:furniture} {t~be} {s:is-state}.
    {the t:portable} near {the f:furniture.s} {t~be} {s:is-state}.
    {the t:portable.s} that {p:person} bought {:when-past} {t~be} {s:is-worth}.
    {the t:gift} that {p:person} gave to {p.his} {k:relative.s} {t~be} {s:is-worth}.
    {the j:job.s} who work in {the t:townplace} {j~be} {a:is-character}.
    {the j:job} who knows the {k:job.s} {j~be} {a:is-character}.
    {the j:job.s} behind {the v:vehicle} {j~be} {a:is-feeling}.
    {the j:job} behind {the v:vehicle.s} {j~be} {a:is-feeling}.
    {the k:other.s} of {the j:job} {k~have} arrived.
    {the k:other} of {the j:job.s} {k~have} arrived.
    {the t:tool.s} in {the c:container} {t~belong} to {p:person}.
    {the t:tool} under {the c:container.s} {t~belong} to {p:person}.
    {the c:container} with {the t:portable.s} {c~be} {s:is-state}.
    {the c:container.s} with {the t:portable} {c~be} {s:is-state}.
    {the a:beast.s} near {the n:nature} {a~look} {h:is-animal}.
    {the a:beast} near {the b:townplace.s} {a~look} {h:is-animal}.
    {the b:beast} that {the c:beast.s} follow {b~run} through the forest.
    {the b:beast.s} that {the c:beast} follows {b~run} through the forest.
    {the k:other.s} from {c:country} {k~speak} {l:language}.
    {the d:schoolthing.s} of {the o:other} {d~be} {s:is-state}.
    {the m:media.s} about {t:topic} {m~be} {a:is-work}.
    {the m:media} about the {w:wild.s} {m~be} {a:is-work}.
    {the r:bill.s} from {the t:institution} {r~have} to be paid by {d:weekday}.
    {the r:bill} from the {t:institution.s} {r~have} to be paid by {d:weekday}.
    {the w:buildingpart.s} of {the t:townplace} {w~be} {s:is-state}.
    The {w=window} of the old {t:townplace.s} {w~be} {s:is-state}.
    Each of the {j:job.s} has {a t:device}.
    One of the {t:device.s} is broken. The others {t~work} well.
    Many of {p:person's} {k:other.s} {k~live} in {c:city}.
    The list of {k:other.s} is very long.
    {the i:thought.s} of {the j:job} {i~be} {a:is-idea}.
    {the i:thought} of the {j:job.s} {i~be} {a:is-idea}.
    Neither of the {t:device.s} works.
    There are {n:few} {t:portable.s} in {the c:container}, and {t.he} {t~belong} to {p:person}.
    The {j:job.s} [wanted|decided|refused] to leave because {j.he} {j~was} {a:is-feeling}.
    The {j:job.s} from {c:city}, who had waited {:duration}, {j~was} {a:is-feeling}.
    The {j:job} from {c:city}, who had waited for the {k:other.s} {:duration}, {j~was} {a:is-feeling}.
    The {t:vehicle.s} [parked|standing|waiting] in front of {the b:townplace} {t~be} {c:is-color}.
    The {t:vehicle} [parked|standing|waiting] behind the {u:vehicle.s} {t~be} {c:is-color}.
    My {k:relative}, together with {k.his} {l:other.s}, {k~travel} to {c:country} every {s:season}.
  `),

  time: lines(`
    It is [six|seven|eight|nine|ten|eleven] o'clock in the [morning|evening].
    What time is it? It is [half past|a quarter to|a quarter past|ten minutes to|almost] {n:hour}.
    {the e:event} [begins|starts|ends] at {n:hour} o'clock.
    {the e:event} will take place {:when-future}.
    {the e:event} [took place|ended|was canceled|began] {:when-past}.
    {p:person} works from {n:hour} to {m:hour}, but {q:person!p} works only {:when-usual}.
    {p:person} has lived in {c:city} for {n:few} [years|months|weeks].
    {p:person's} birthday is in {m:month}, and {q:person!p's} is in {n:month}. {p.he} will be {k:number} years old.
    There are seven days in a week and twelve months in a year.
    {p:person} arrived {n:few} minutes [early|late]. {q:person!p} was [already|still] waiting for {p.him}.
    When does the [bus|train|plane|ferry] leave? It leaves at {n:hour} o'clock.
    How long does it take to get to {c:city}? It takes about {n:few} hours [by train|by car|by bus|by plane].
    The [train|bus|plane] was {n:few} minutes late, so {p:person} missed {the e:event}.
    See you [{:when-future}|later|soon|on {d:weekday}|next week]!
    {n:few} years ago, {p:person} was {a j:job}. Now {p.he} is {a k:job}.
    {p:person} met {q:person} in the {s:season} of last year.
    From {d:weekday} to {e:weekday}, {p:actor} {p~work} in {c:city}.
    {the e:event} lasted {n:few} [hours|days|minutes], and everybody was [tired|happy|bored|hungry] afterward.
    {p:person} has been waiting for {q:person!p} for {n:few} [hours|minutes]. {q.he} is always late.
    {p:person} was born before the [war|first telephone|new bridge], when the town was still small.
    {the t:shop} is open from {n:hour} in the morning to {m:hour} in the evening.
    Time flies when you are having fun.
    I have not seen {p:person} since {d:weekday}.
    Last year, {p:person} was still [in school|in love|in the army|in {c:country}]. {p.he} has changed a lot since then.
  `),

  animals: lines(`
    The {c:is-animal} {d=dog} {d>dog.ed} {:when-past}.
    {a a:wild} {a>wildlife.ed}, and {a b:bird} watched {a.him}.
    {the a:wild} {a>wildlife.ed} because {a.he} {a~was} [hungry|thirsty|tired|afraid|lost|curious].
    {the a:livestock} {a~was} standing [in the barn|in the field|by the gate|under a tree]. {a.he} {a~was} {h:is-animal}.
    {the a:beast} chased {the b:beast}, but {a.he} could not catch {b.him}.
    {the d=dog} barked at {the c=cat}, so the {c} climbed a tree.
    {p:person} feeds {p.his} {d:pet} every [morning|evening]. {d.he} [loves|likes|trusts] {p.him}.
    {a:flyer.s} can fly, but {b:beast.s} cannot.
    {a:wild.s} live in [the forest|the wild|Africa|the mountains|many countries|zoos], and {b:sea.s} live in the water.
    {the a:bird} flew [over the house|to its nest|out of the window|across the lake|onto the roof] and {a>wildlife.ed}.
    A {d:pet} needs [food|water|love|a warm place|exercise] every day.
    The {h:is-animal} {d=dog} {d>dog.ed}, and the {i:is-animal} {c=cat} watched {d.him} from the window.
    {p:person} saw {a a:wild} at the zoo. {a.he} {a~was} [eating|sleeping|hiding|drinking] [in the shade|behind a rock|by the water].
    The {d=dog} that belongs to {p:person} {d>dog.ed} {:when-past}.
    The {a:livestock.s} {a~be} in the field, and the {b:livestock.s} {b~be} in the barn.
    {p:person} [heard|saw] {a a:insect} {:spot}. {p.he} does not like {a.s}.
    {p:person's} {d:pet} is ill, so {p.he} is taking {d.him} to the vet.
    The mother {a:beast} [protects|feeds|looks for|licks] her young.
    {n:few} {a:bird.s} were sitting on the roof. When {p:person} opened the window, {a.he} flew away.
    The {d:pet} looked at {p:person} and [waited for {p.his} food|followed {p.him} into the garden|jumped onto {p.his} lap|fell asleep at {p.his} feet].
  `),

  things: lines(`
    The {t:furniture} is made of {m:material}.
    {a t:tool} is a useful thing to have [in the house|in the garden|in the workshop].
    {the t:appliance} does not work. {p:person} called {a j:job}, who repaired {t.him}.
    {the t:device} is broken because {p:person} dropped {t.him}. {p.he} is sorry about it.
    {the t:ride} would not start, so {p:person} took [the bus|a taxi|{p.his} bicycle].
    {the t:device} that {p:person} bought is {a:is-state}.
    {this t:clothing} {t~be} too [big|small|expensive|tight|long|short] for me. Do you have {t.him} in [red|blue|green|black|white|gray|brown]?
    {p:person} is looking for {a c:is-color t:garment} that goes with {p.his} {d:is-color} {u:clothing}.
    {p:person} painted {the t:furniture} {c:is-color}, because {p.he} did not like the old color.
    The {c:is-color} {t:vehicle} is faster than the {d:is-color} one.
    {the t:container} is full of {u:portable.s}.
    {the t:container} was so heavy that {p:person} could not lift {t.him}.
    {p:person} cut the {t=rope} with {a u:tool}, because {t.he} was too long.
    {p:person} needs {a t:tool} to fix {the u:furniture}.
    There is [a hole|a stain|a button missing|some mud] on {p:person's} {t:garment}.
    {the t:buildingpart} is [open|closed|locked|broken|made of {m:material}].
    {p:person} [opened|closed|painted|repaired|locked] {the t:buildingpart} and {p>home-willingly.ed}.
    The floor was covered with {s:stuff}.
    {p:person's} {t:clothing} {t~was} full of {s:stuff}, so {p.he} washed {t.him}.
    The {t:toy} fell [off the table|into the water|out of the window|down the stairs] and broke.
    {p:person} turned {the t:appliance} off, because {t.he} {t~was} too [hot|loud|noisy].
    {p:person} pushed the button, and {the t:device} [started|stopped|made a strange noise|turned off].
    {the t:device} needs a new [battery|screen|cable|keyboard].
    {the t:ride} stopped because {t.he} had run out of gas.
    {the t:vehicle} hit {the u:vehicle}, but nobody was hurt.
    {p:person} hung {the t:garment} in the closet next to {the u:garment}.
    Please put {the t:kitchenware} [on the table|into the cupboard|in the sink|back].
    {the t:breakable} fell on the floor and broke into {n:few} pieces.
    {p:person} drew {a s:shape} and {a t:shape} on the paper. {the s} was {c:is-color}, and {the t} was {d:is-color}.
    {the t:jewelry} is made of [gold|silver]. {p:person} inherited {t.him} from {p.his} {k:relative}.
    {p:person} filled {the t:vessel} with {d:drink} and gave {t.him} to {q:person}.
    {p:person} used {a t:tool} to open {the c:container}, because {p.he} had lost the key.
  `),
};
