// The wider world: government, law, money, science, news, work, school, feelings and thoughts, in the words that newspapers
// and grown-ups use. Written for this project.

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

export const society = {
  public: lines(`
    The government [announced|introduced|rejected|discussed|approved|changed] a new [law|tax|policy|budget|program|rule] {:when-past}.
    The [president|minister|mayor|senator|governor] gave a [speech|talk] about {t:topic} {:when-past}.
    The [president|king|queen|prime minister] of {c:country} [visited|arrived in|left|called] {d:country} {:when-past}.
    The election will be held in {m:month}. {n:few} [parties|candidates|politicians] want to win [it|the most votes].
    {p:titled} was elected [mayor|president|chairman|governor|leader of the party] {:when-past}. {p.he} promised to [lower taxes|build new schools|protect the environment|create more jobs|fight crime|reform the law].
    The citizens [voted|protested|demonstrated|signed a petition] [for|against] the new [law|road|airport|tax|factory|power plant].
    Many people [demand|support|oppose|hope for|believe in] [equal rights|lower taxes|better schools|free speech|peace|justice|democracy|reform].
    The [court|judge|jury] found {p:titled} [guilty|not guilty]. {p.he} [had to pay a fine|went to prison|left the court with a smile|said nothing].
    The police [arrested|questioned|caught|released] [a thief|a young man|two suspects|the wrong person|the driver] {:when-past}.
    The [lawyer|judge|witness] told the court that {p:person} had been [at home|in {c:city}|at work] [on the night of the crime|at that time].
    The [law|constitution|contract|agreement] protects the [rights|freedom|property|interests] of [every citizen|workers|women|children|minorities].
    The two countries signed [a peace treaty|a trade agreement|an important contract] {:when-past}.
    The war between the two [nations|countries|kingdoms] lasted {n:few} years, and thousands of [soldiers|people|civilians] lost their lives.
    The army [attacked|defended|surrounded|captured|left] the [city|fortress|border|village|capital].
    The soldiers [marched|retreated|fought bravely|waited for orders|returned home] {:when-past}.
    The general ordered his troops to [attack|retreat|wait|advance|hold the bridge], but they [refused|obeyed|were too tired].
    The committee [met|voted|agreed|decided|discussed the proposal] {:when-past}.
    The council decided to [build a new bridge|close the old school|repair the road|plant more trees|raise the fees|sell the land].
    The [population|number of inhabitants|size] of {c:city} has [grown|doubled|fallen|increased] [in recent years|since the war|over the last century].
    The [flag|history|culture|climate|economy|government] of {c:country} is [well known|interesting|complicated|different from ours].
    According to the [newspaper|report|police|government|study], {n:few} people were [injured|killed|rescued|arrested] in the [accident|fire|flood|explosion|storm].
    The {e:problem} caused [great damage|a lot of trouble|panic|a long delay|serious problems]. Nobody knows [how it began|who is responsible|what to do now].
    The [refugees|victims|survivors|families] need [food|shelter|medicine|clean water|help] as soon as possible.
    The church [bells rang|was full|stands on a hill|is more than {n:few} hundred years old].
    The priest [blessed|welcomed|spoke to|prayed with] the [people|couple|children|visitors].
    People of many [religions|cultures|nations|backgrounds] live together in {c:city}.
    In a democracy, the people choose their [leaders|government|representatives].
    The ambassador of {c:country} [refused to comment|met the minister|left the conference|expressed his concern].
    {c:country} has [a king|a queen|a president|a long coast|high mountains|many islands|large forests|a rich history].
    The [crowd|audience|people] [cheered|listened in silence|left the square|waited for hours|grew angry].
    The [strike|protest|campaign|debate|trial|investigation] [began|ended|continued|failed|succeeded] {:when-past}.
  `),
  business: lines(`
    The company [makes|sells|produces|develops|exports|designs] {t:device/furniture/clothing/toy.s}.
    The company [hired|dismissed|employs|trained] {n:few} hundred [workers|people|engineers|employees] {:when-past}.
    The [price|cost] of {t:material/ingredient/drink} has [risen|fallen|doubled|increased|decreased] [sharply|slightly|again|since last year].
    Prices are [rising|falling|higher than last year|lower than before], so people [save more money|spend less|complain|buy more].
    The bank [lent|refused to lend] the [company|farmer|family|owner] [a large sum of money|the money for a new house|ten thousand dollars].
    {p:titled} runs a small business in {c:city}. {p.he} sells {t:toy/furniture/fruit/plant.s} to customers all over the world.
    {p:person} invested {p.his} [savings|money] in [a small company|land|gold|stocks], but {p.he} lost [everything|half of it].
    The manager was [pleased|disappointed|satisfied|surprised] with the results, because sales had [increased|fallen|doubled].
    Demand for {t:device/clothing/fruit/vegetable.s} is [high|low|growing], so the supply [is limited|must increase|has run out].
    The factory [produces|makes] {n:few} thousand {t:vehicle/device/furniture.s} a year.
    The workers [want|demand|deserve|expect] [higher wages|better conditions|shorter hours|longer breaks|more respect].
    {p:person} applied for a job as {a j:job}. {p.he} had an interview {:when-past}, and {p.he} got the job.
    {p:person} lost {p.his} job when the [factory|company|shop] closed. Now {p.he} is looking for a new one.
    {p:person} was promoted because {p.he} had [worked hard|solved the problem|found a new customer|saved the company a lot of money].
    The customer [complained|asked for the manager|returned the product].
    The [meeting|conference|project] was a [success|failure|disaster|complete success].
    The [advertisement|label|sign|letter] says that the product is [cheap|safe|new|available in every store|made in {c:country}].
    The owner of the {t:shop} raised the prices, so [the customers went somewhere else|nobody buys there anymore].
    The deadline is {d:weekday}, so the team has to [finish the project|test the software|send the report|make a decision] soon.
    {p:person} and {q:person} started a company together. {p&q.he} [sell|repair|design|rent out] {t:device/ride/furniture.s}.
    {p:person} signed the contract without reading it, and later {p.he} regretted it.
    The [boss|director|manager] told the [team|staff|employees] that the [office|factory|department] would [close|move|grow].
    Could you send me the [report|invoice|contract|details|documents] by {d:weekday}? [Yes, of course.|I will send them tomorrow.|I am afraid that is not possible.]
    The [tax|rent|fee|fine] must be paid [by the end of the month|before {d:weekday}|in cash|every year].
    In exchange for [the money|his help|the land], the farmer received {n:few} {t:livestock.s}.
  `),
  science: lines(`
    Scientists have discovered a new [planet|species|method|medicine|element|star|virus].
    The [study|report|research|experiment|analysis] shows that [sleep|exercise|fresh air|music|reading|a healthy diet] [improves memory|is good for the heart|reduces stress|helps children learn].
    The professor explained the [theory|method|structure|function|process|principle] to the students.
    Water [freezes at zero degrees|boils at one hundred degrees|consists of hydrogen and oxygen|covers most of the earth].
    The earth [moves around the sun|is round|turns once a day|is about four and a half billion years old].
    The moon [moves around the earth|has no air|is smaller than the earth|lights up the night].
    Plants need [light|water|air|sunlight|soil] to [grow|live].
    The [heart|brain|liver|skin|stomach|lung] is [an important organ|part of the body|protected by the body].
    The [experiment|test] [failed|succeeded|had to be repeated|took several weeks], because the [temperature|pressure|equipment|sample|computer] was not [right|ready|available].
    The [doctor|researcher|expert] [warned|claimed|explained|believes] that the [disease|virus|problem|risk] is [serious|spreading quickly|under control|not dangerous].
    The [patient|child|old man] [recovered|felt better|slept well|needed an operation] after {n:few} days [in the hospital|of rest].
    The [machine|system|device|engine|program] [measures|controls|records|calculates|analyzes] the [speed|distance|temperature|weight|pressure] [automatically|exactly|every second].
    The telephone was invented in the nineteenth century.
    The [volcano|earthquake|flood|hurricane] destroyed [most of the town|hundreds of houses|the old bridge|many villages].
    Light travels faster than sound.
    An astronomer looks at the stars through a telescope.
    The [temperature|level|amount|number|rate|speed|quality] [increased|decreased|remained the same|changed] [slowly|rapidly|over time|significantly].
    There is [a connection|a difference|no relation|a clear link] between [diet and health|cause and effect|light and color|size and weight|practice and success].
    [Oil|Coal|Gas|Gold|Salt|Iron] was found [in the desert|under the sea|in the north of the country|near the mountains].
    The [museum|university|library] has a large collection of [old books|insects|paintings|coins|maps|instruments].
    Most [scientists|experts|doctors] agree that [smoking is dangerous|the climate is changing|children need sleep|the method is safe].
    The [liquid|metal|powder|gas|surface|solution] [became warm|turned blue|changed its color|began to shine|was extremely hot].
    The [average|total|exact|minimum|maximum] [temperature|number|amount|price|length] is [unknown|higher than expected|lower than last year|easy to calculate].
  `),
  thoughts: lines(`
    {p:actor} [thinks|believes|hopes|knows|says|fears|is sure|is certain] that the {i:thought} is {a:is-idea}.
    {p:actor} had {a a:is-idea i:thought}. {p.he} [told everyone about it|wrote it down|kept it to {p.self}|forgot it again].
    The {i:thought} was {a:is-idea}, but nobody listened.
    I [agree|disagree] with {p:person}. {p.his} {i:thought} is {a:is-idea}.
    {p:person} [changed|made up] {p.his} mind. {p.he} will not {p>travel-willingly}.
    It [seems|appears|is clear|is likely|is possible|is true|turned out] that {p:person} has [forgotten|lost|found|sold|hidden] {p.his} {t:portable}.
    {p:person} [wondered|did not know|asked|could not remember] [whether|if] {p.he} had [locked the door|turned off the stove|paid the bill|left {p.his} {t:portable} at home].
    {p:person} [wondered|asked {p.self}|did not understand] why {q:person!p} was so {a:is-feeling}.
    There is no {q:quality} without {r:quality}.
    {p:person} is known for {p.his} {q:quality} and {p.his} {r:quality}.
    {p:person} was full of {f:feeling} when {p.he} [heard the news|read the letter|saw the photo|left the house|won the prize].
    {q:quality} is more important than [money|beauty|strength|success|power].
    {p:person} could not hide {p.his} {f:feeling}.
    The letter filled {p:person} with {f:feeling}.
    {f:feeling} and {g:feeling} are [feelings that everyone knows|stronger than reason|often close together].
    It is {a:is-idea} to {you>leisure-willingly}.
    {p:person} made a [mistake|decision|promise|choice|suggestion|discovery], and {q:person!p} [never forgot it|thanked {p.him}|talked about it|told everyone].
    {p:person} explained [the reason|the problem|the situation|the rules|the difference|the plan] to {q:person!p}, but {q.he} did not understand it.
    {p:person} [apologized to|forgave|trusted|believed|ignored|blamed|praised|criticized|admired|respected|missed] {q:person!p}, because {q.he} had [told the truth|lied|helped {p.him}|forgotten the appointment|lost the money|saved {p.his} life].
    {p:person} [has the right|has a chance|has the opportunity|has a duty|has no reason|has the courage] to [speak|refuse|choose|leave|ask questions|try again].
    On the one hand, {p:person} wants to {p>travel-willingly}. On the other hand, {p.he} has to {p>office-willingly}.
    If I were {p:person}, I would [wait|tell the truth|ask for help|say nothing|try again|accept the offer].
    If {p:person} had known about the {e:problem}, {p.he} would have [stayed at home|called the police|told us|done something].
    {p:person} wishes that {p.he} could {p>art/travel-willingly}.
    What does [this word|the sign|the letter|your name|{p:person's} answer] mean? I [have no idea|am not sure|will explain it to you|would like to know that, too].
    As far as I know, {p:person} [still lives in {c:city}|has left the country|never married|works as {a j:job}|is an only child].
    In my opinion, {t:topic} is [more important than|as interesting as|less useful than|closely connected with] {u:topic}.
    {p:person} is interested in {t:topic}, and {q:person!p} is interested in {u:topic}. {p.he} has read {n:few} books about it.
    {p:person} gave a talk about {t:topic}. {q:person!p} asked {p.him} a question about {t}.
    Everything depends on [the weather|the price|the result|your answer|{p:person}].
    The [main|only|real|biggest|first] problem is that [nobody has time|there is no money|the road is closed|we have no plan|everyone is afraid].
    Success [depends on|requires|is the result of] [hard work|patience|practice|good luck|discipline].
    {p:person} succeeded because {p.he} never gave up. {q:person!p} failed because {q.he} did not try.
    Sooner or later, everyone [makes mistakes|learns the truth|grows old|needs help|has to decide].
    {p:person} [pretended|claimed|seemed|appeared|happened] to be {a:is-feeling}.
    No matter how hard {p:person} tried, {p.he} could not [open the box|remember the name|find the answer|solve the problem|forget the past].
    It was {p:person} who [broke the window|found the key|had the idea|told the secret], not {q:person!p}. {q.he} was innocent.
  `),
  school: lines(`
    {p:person} studies {s:subject} at the university in {c:city}. {p.he} wants to become {a j:job}.
    {p:person} is good at {s:subject}, but {t:subject} is difficult for {p.him}.
    The teacher asked {p:person} to [read the text aloud|come to the board|answer the question|close the window|sit down]. {p.he} [did not want to|did it at once|blushed|was not listening].
    The students [listened to|asked|liked|thanked|waited for] their {s:subject} teacher.
    Our {s:subject} teacher is {p:titled}. {p.he} is {a:is-character}, and {p.his} lessons are {b:is-work}.
    {p:person} got a [good|bad|better] grade because {p.he} had [studied all week|not learned the words|forgotten {p.his} homework|answered every question].
    The exam was {a:is-work}, and only {n:few} students passed it.
    How do you spell the word "{t:toy}"? I have to look it up.
    Open your books to page {n:number}, please.
    The children learn to [read|write|count|share|paint|swim] at school.
    There are {n:few} [girls|boys|students|teachers|desks] in the classroom.
    {p:person} forgot {p.his} {t:schoolthing}, so {q:person!p} lent {p.him} {q.own}.
    {p:person} wrote a long essay about {t:topic}. The teacher read it to the class.
    {p:person} sits next to {q:person!p} in the {s:subject} lesson. {p.he} often helps {q.him} with the exercises.
    The {s:subject} test is on {d:weekday}, so {p:person} has to study [all day|all weekend|until midnight|for two hours].
    {p:person} could not answer the question, because {p.he} had not read the [text|book|chapter|article].
    After school, {p:person} [plays {t:sport}|has a {i:instrument} lesson|does {p.his} homework|helps {p.his} {k:relative}].
    The [capital|largest city|language|flag] of {c:country} was the answer to the [first|second|last|most difficult] question.
    Write a sentence with the word [because|although|before|never|always|between|enough|perhaps|together|without].
    The [first|second|third|last] chapter of the book is about {t:topic}.
    To learn {l:language}, you have to [practice every day|learn new words|listen carefully|speak with people from {c:country}].
  `),
  health: lines(`
    {p:person} has a {i:illness}, so {p.he} [stays in bed|cannot go to school|went to the doctor|needs {r:remedy}].
    The doctor told {p:person} to [drink more water|eat less sugar|get more sleep|take the medicine twice a day|stay in bed|stop smoking|walk every day].
    {p:person's} {b:bodypart} hurts. {p.he} fell [off {p.his} bicycle|down the stairs|on the ice|while playing {s:sport}].
    {p:person} broke {p.his} [arm|leg|wrist|finger|ankle] when {p.he} fell [from a ladder|off a horse|down the stairs|on the ice].
    What is the matter? I have a {i:illness}. You should [see a doctor|lie down|drink some tea|take some medicine].
    {p:person} felt [dizzy|ill|weak|tired|sick], so {p.he} [sat down|went home|called {p.his} {k:relative}|asked for a glass of water].
    The nurse [gave|brought] {p:person} [some medicine|a glass of water|a blanket|an injection], and {p.he} [fell asleep|felt better].
    An apple a day keeps the doctor away.
    {p:person} is allergic to [nuts|cats|milk|dust|bees], so {p.he} [is careful|carries medicine in {p.his} bag].
    [Fruit|Sleep|Exercise|Fresh air|Water|Laughter] is good for your [health|heart|body].
    {p:person} goes to the gym {n:few} times a week, because {p.he} wants to [stay healthy|lose weight|get stronger|live longer].
    {p:person} had to wait [for an hour|all morning|for a long time|for twenty minutes] until the dentist had time for {p.him}.
    {p:person} cut {p.his} finger with {a t:tool}. It bled, so {q:person!p} put a bandage on it.
    The accident was not serious. {p:person} had only [a few scratches|a broken {b:bodypart}|a cut on {p.his} {b:bodypart}].
    {p:person} visited {q:person!p} in the hospital and brought {q.him} [flowers|books|some fruit|a card|chocolate].
    Wash your hands before you [eat|cook|touch the baby].
    {p:person} was out of breath, because {p.he} had run [all the way|up the stairs|to the station|ten miles].
  `),
  sports: lines(`
    {p:person's} team won the game {n:few} to {m:number}. {p.he} scored the [first|last|winning] goal.
    {p:person} plays {s:sport} on {d:weekday.s}, and {q:person!p} plays {t:sport}. {p.he} is {a:is-character}.
    The [home team|visitors|champions|players] [won|lost|played badly|celebrated|were disappointed] {:when-past}.
    {p:person} trained hard for the [race|match|tournament], but {p.he} came in only [second|third|fourth|last].
    {p:person} threw the ball to {q:person!p}, and {q.he} [caught it|dropped it|hit it|threw it back].
    {p:person} [beat|defeated] {q:person!p} in the final, because {p.he} was [faster|stronger|better prepared|lucky].
    The match between {c:country} and {d:country} ended in a [draw|fight|victory for {c}].
    The coach told {p:person} to [run faster|pass the ball|wait|take a break|practice more], and {p.he} did.
    The goalkeeper could not [stop|catch|reach|see] the ball, because it was too [fast|high].
    The fans [sang|cheered|waved their flags|left early|shouted], because their team had [won|lost|scored].
    {p:person} has won {n:few} [medals|games|prizes|races] this year.
    [Swimming|Running|Cycling|Dancing|Skiing] is {p:person's} favorite sport.
    {p:person} ran as fast as {p.he} could, but {q:person!p} was faster. {q.he} won the race.
    The players are [warming up|resting|training|waiting for the referee|listening to the coach].
    The stadium was [full|almost empty|loud|sold out].
    {p:person} swam across the lake in {n:few} minutes.
    Which sport do you like best? I like {s:sport}, but I am better at {t:sport}.
  `),
};
