// Sentences of newspapers, books and talk that bring in the common words of public and inner life which the other themes
// lack. Written for this project.

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

export const world = {
  talk: lines(`
    "It's [late|cold|raining|true|not far|my turn|your fault|a long story]," said {p:person}. "[Let's go home|I'll call you tomorrow|Don't worry|I won't tell anyone|You'll see]."
    "I don't know," said {p:person}. "I've [never been there|forgotten it|lost it|already told you everything]." {q:person!p} didn't believe {p.him}.
    "He's [not here|at work|asleep|ill again]," said {p:person}. "{q:man} won't be back before {n:hour}."
    "She's [my best friend|already gone|still waiting|right, of course]," said {p:person}. "{q:woman} isn't like the others."
    "That's [all|enough|my seat|a good question|what I meant]," said {p:person}. "There's [nothing left|no hurry|somebody at the door|one more thing]."
    "We'll [see|manage|be late|need a bigger boat]," said {p:person}. "If you'll help us, we'll be done by {n:hour}."
    {p:person} doesn't [eat meat|like crowds|drive|remember anything|sleep well], and {q:person!p} doesn't either.
    {p:person} couldn't [come|sleep|find {p.his} {t:portable}|see anything in the fog], so {q:person!p} went without {p.him}.
    {p:person} wasn't [ready|at home|surprised|to blame], and {p.he} said so.
    {p:person} isn't [hungry|afraid of anything|as old as {p.he} looks|coming], is {p.he}?
    They wouldn't [listen|open the gate|take no for an answer|sell the land], no matter what {p:person} said.
    "You're [right|early|welcome|standing on my foot|not allowed to park here]," said {p:person}.
    "What's [the matter|for dinner|your address|that noise]?" asked {p:person}. "[Nothing|I haven't decided yet|I'd rather not say|It's only the wind]," said {q:person}.
    "I shall [never forget it|return before dark|do my duty|not repeat it]," said the {a:job}.
    Actually, {p:person} [is right|has a point|arrived first|was not there], and everybody knows it.
    Who else [knew|was present|has a key|saw the murderer]? Nobody except {p:person}.
    {p:person} is able to [lift {a t:container}|play several instruments|forgive|read the handwriting]. {q:person!p} is unable to.
    It's none of your business, {p:person}.
    Generally speaking, {p:person} [behaves well|prefers silence|acts without thinking|minds {p.his} own business].
    {p:person} considered the offer and eventually [accepted|rejected|forgot] it.
    What sort of {t:device} do you recommend? That depends on [the purpose|your needs|the budget].
    [Perhaps|Surely|Certainly|Apparently|Obviously|Merely by chance], {p:person} was [somewhat|entirely|completely|partly|hardly|barely] aware of the danger.
    One's [home|honor|health|family life] is one's own affair, {p:person} always says.
    Ladies and gentlemen, it is [an honor|a pleasure|my duty] to [introduce|present] {p:titled}.
    Whatever happens, {p:person} will [remain calm|defend {p.his} rights|keep {p.his} word|stand by {q:person!p}].
    {p:person} muttered something, but {q:person!p} didn't [hear|understand|catch] it.
    {p:person} glanced at {q:person!p} and then [stared at the floor|turned pale|burst into tears|burst out laughing|shrugged].
    "Oh, nonsense!" cried {p:person}. "[Such things happen|You were always a fool|That's mere gossip|It's simply impossible]."
  `),
  public: lines(`
    Congress passed [legislation|a bill|an act] to [protect|reduce|prevent|support|control] [immigration|pollution|unemployment|domestic industries|civil liberty|trade].
    The [senate|council|union|parliament|assembly] [approved|opposed|adopted|proposed] the [treaty|amendment|reform|clause|resolution] by a [large|narrow|clear] majority.
    The [federal|national|local|provincial|colonial] government [established|abolished|funded|recognized] a [commission|department|fund|service] for [education|defense|public health|agriculture].
    American [troops|forces|companies|citizens] were [stationed|involved|attacked|welcomed] in [the region|the capital|the eastern territory|southern Europe].
    The [Republican|Democratic|Conservative|Liberal] candidate [claimed|declared|admitted|denied] that the [election|vote|campaign] was [fair|corrupt|illegal|a success].
    The president's [remarks|policies|statement|reputation|decree] [angered|surprised|impressed|divided] the [nation|republic|people|public|press].
    The [prime minister|secretary of state|chairman|representative] [resigned|negotiated|stepped back|retired] after the [scandal|defeat|crisis|revolution].
    Citizens have the [right|duty|privilege|liberty] to [vote|protest|own property|speak freely|appeal].
    The [tax|military|agricultural|industrial|educational] policy had [significant|unexpected|positive|negative|serious] [consequences|effects|results|benefits].
    The [economic|political|social|financial|moral] [situation|crisis|system|order] of the [country|empire|colony|republic] is [critical|stable|complicated|steadily improving].
    The [terrorist|criminal|spy|agent|murderer] [escaped|confessed|was executed|was arrested at the airport|died in prison].
    The [accused|suspect|defendant|prisoner] [denied|confessed to] the [murder|theft|crime|attack]. The [evidence|proof|testimony] against {p:titled} was [convincing|weak|overwhelming].
    The [attorney|lawyer|judge|policeman|detective] [examined|collected|presented|doubted] the evidence in the case.
    The [victim|witness|widow|author] [sued|forgave|identified|accused] {p:titled}, who had [caused the damage|insulted {q:person!p}|broken the contract|published the letters].
    The law [forbids|requires|allows|permits] [gambling|advertising for cigarettes|the sale of weapons|private schools|divorce].
    The [penalty|punishment|fine|sentence] for [murder|smuggling|treason|driving while drunk] is [severe|harsh|too mild|a matter of debate].
    Armed [guards|soldiers|rebels|men] [occupied|surrounded|destroyed|searched] the [palace|harbor|factory|radio station].
    The enemy [retreated|advanced|attacked at dawn|dropped bombs on the city|surrendered after a fierce battle].
    The [invasion|bombing|conflict|battle|siege] [cost many lives|lasted for weeks|destroyed whole villages|changed the course of history].
    The general commanded an army of {n:few} thousand men, [armed with rifles|supported by tanks|ready to die|exhausted by the march].
    [Nuclear|Chemical|Conventional|Modern] weapons are a [threat to|danger for|burden on] the whole [world|civilization|planet].
    The [victory|alliance|treaty] [strengthened|saved|changed] the [empire|kingdom|dynasty|Roman republic].
    During the [war|depression|revolution|strike], [food|fuel|gasoline|coal] was [scarce|expensive|rationed].
    The [immigrants|refugees|colonists|peasants|natives] [settled|struggled to survive|were not allowed to stay|built new homes] in the [northern|southern|eastern|western] [territory|province|district|counties].
    The [Christian|Catholic|Muslim|Jewish|Hindu] [community|tradition|festival|faith] is [very old|deeply respected|an important influence] in this [region|county|neighborhood].
    The congregation [sang|prayed|knelt|listened to the sermon] in the [church|chapel|cathedral].
    They [worship|praise|fear|believe in] God, and they [give to the poor|observe the holy days|follow the traditions of their fathers].
    According to the bible, God created heaven and [earth|the seas|all living beings].
    The saint spent {n:few} years in the desert, without [shelter|company|comfort|possessions].
    {c:country} gained its independence after a [long struggle|peaceful revolution|brutal war|series of negotiations].
    The [king's|queen's|emperor's|duke's] throne was [made of gold|empty for years|defended by his brother|lost in the war].
    The royal family [attended the opera|appeared on the balcony|left the castle|received the ambassador].
    The [statue|monument|fountain|pyramid] [represents|honors|was built for] [a hero|the founder of the city|the victims of the war|an ancient goddess].
    Europe, Asia, Africa, and America are continents. {c:country} is a [country|nation|state] with its own laws.
    The official [refused to comment|confirmed the report|demanded payment|issued the license|signed the document].
    The police officer stopped the driver because his [license|insurance|headlight] was [invalid|broken|out of date].
  `),
  money: lines(`
    The [company's|firm's|corporation's|bank's] [assets|profits|losses|shares|debts] [rose|fell|increased|doubled] [last year|in the final quarter|despite the crisis].
    The [average|annual|monthly|minimum|total] [income|salary|wage|expense|revenue] of a {j:job} is [considerable|modest|adequate|barely enough].
    Inflation [reduces|destroys|threatens] the value of the [currency|dollar|savings|pension].
    The [estate|property|inheritance|fortune] was [divided among|shared by|left to] the [children|relatives|heirs|servants].
    The [merchant|businessman|dealer|trader] exchanged [goods|silk|spices|cotton|grain] for [silver|gold|cattle|land].
    The [investment|arrangement|enterprise|transaction|bargain] was [profitable|risky|a mistake|worth every dollar].
    Our [supplies|resources|funds|reserves|means] are [limited|sufficient|exhausted|not adequate].
    The [union|employer|labor market|management] [demanded|promised|guaranteed|refused] [better conditions|higher wages|regular pay|an agreement].
    Retirement [comes|begins] sooner than one [thinks|expects]. {p:titled} had [saved|earned|invested] enough.
    The [credit|loan|grant|insurance] [covers|paid for|includes] all [expenses|costs|damages|medical treatment].
    A [professional|skilled|qualified|talented] {j:job} is worth {j.his} [weight in gold|salary|price].
    The [demand|market|price] for [cattle|steel|coal|fuel|wheat] [depends on|is affected by|determines] the [supply|season|economy].
    The sign says that the merchandise is [on sale|imported from {c:country}|made by hand|sold by the yard].
    They produced [large quantities|huge amounts|a small number] of [cloth|fabric|china|carpets|weapons] for [export|the domestic market|the army].
    The product meets the [highest|latest|required|international] standards of [quality|safety|efficiency].
    {p:person} [obtained|received|applied for|was granted] a [license|grant|scholarship|permit|visa].
    Advertising [influences|persuades|annoys|reaches] [consumers|millions of people|almost everyone].
    {p:person} owes {p.his} success to [luck|talent|long experience|careful planning|good management].
    The construction of the [highway|railroad|dam|tunnel|canal] [required|involved|employed] thousands of workers.
    {p:person} gained [experience|knowledge|confidence|weight|a reputation] during {p.his} career as {a j:job}.
  `),
  nature: lines(`
    The [atmosphere|climate|environment|landscape|countryside] of the [coast|island|region|valley] is [mild|harsh|unique|attractive|threatened].
    [Mammals|Birds|Insects|Bacteria|Fish|Reptiles] are [found|common|adapted to life] in [most regions|the tropics|warm climates|almost every environment].
    [Cells|Genes|Organs|Muscles|Nerves|Bones|Tissues] are [studied by|of interest to] [biologists|medical students|researchers].
    Blood flows [throughout the body|through the veins|from the heart to every organ].
    The [tumor|cancer|infection|wound|fever] was [treated|removed|discovered|cured] [in time|by surgery|with a new drug|at the clinic].
    The [drug|vaccine|treatment|therapy] [relieves pain|prevents the disease|has side effects|restores the appetite|requires the patient's permission].
    The symptoms include [fatigue|a high fever|loss of appetite|a swollen throat|severe pain].
    The [acid|chemical|gas] [reacted with|dissolved|damaged] the [metal|surface|material].
    A chemical compound [contains|consists of|is formed from] two or more elements.
    Electric [current|energy|power] [flows|is transmitted] through a [wire|cable|circuit].
    The [wheels|gears|springs|valves] of the [machine|engine|clock] [turned slowly|were covered with oil|stopped|made a harsh noise].
    The [mechanical|electrical|electronic|optical] device [measures|detects|records|displays] [radiation|movement|motion|small changes].
    The [solar|nuclear|steam] [plant|engine|system] [provides|generates|produces] enough energy for the [entire|whole] [district|city|island].
    The [lens|beam|ray|flash] of light [was visible from the ship|lit the darkness|revealed the entrance].
    The [tide|current|waves|flow] [carried the vessel|pulled the swimmer|washed the body] [toward|away from] the shore.
    Lightning struck the [pole|tower|roof|old oak], and thunder [frightened the horses|woke the infant|shook the windows].
    The [roots|branches|stem|leaves] of the {t:plant} [absorb water|bend in the wind|turn toward the sun|are covered with frost].
    [Thick|Green|Bare|Low] [bushes|branches|vines|trees] [lined|covered|bordered|marked] the [path|edge of the lake|driveway|border].
    The [hunter|trapper|ranger] followed the [trail|tracks|scent] of the {a:wild} [across the ridge|into the woods|along the stream], but {a.he} had vanished.
    The [planet|comet|galaxy|satellite] is [visible to the naked eye|too faint to be seen|moving at great speed|named after a Roman god].
    [Smoke|Dust|A foul odor|A sweet smell] [filled|spread through] the [narrow streets|tunnel|crowded hall|air].
    The [flames|smoke|explosion|collapse] [destroyed|damaged|blackened] the [interior|roof|wooden walls|upper floor] of the building.
    The [flood|drought|plague|earthquake] [killed|affected|threatened] [thousands of people|the whole population|entire villages|the cattle].
    The [horizon|sky|dawn|sunset] [turned red|grew pale|was hidden by clouds|promised a fine day].
    The [ship|vessel|submarine|airplane|aircraft] [was lost|disappeared|was rescued|was last seen] [off the coast|near the island|during the storm|in the South Atlantic].
    A rapid [change|increase|fall] in [temperature|pressure|population] can be dangerous.
    The crystal [glittered|was flawless|broke into pieces|caught the light].
    The [depth|width|length|height|breadth] of the [canal|tank|channel|pit] is {n:few} [feet|inches|yards|meters].
    It weighs {n:few} [pounds|ounces|tons|grams], and it is {m:few} [inches|feet] long.
  `),
  mind: lines(`
    {p:person} has a [strong|weak|pleasant|difficult|gentle|complex] [character|personality|temper|nature].
    {p:person's} [behavior|attitude|conduct|manner|approach|style] [impressed|annoyed|offended|surprised] {q:person!p}, who [had expected more|complained about it|admired {p.him} for it|said nothing].
    {p:person} is [fully|hardly|always|not] aware of the [risk|danger|difficulties|consequences|importance of the task].
    {p:person's} [conscience|pride|sense of duty|loyalty|ambition] did not allow {p.him} to [remain silent|accept the reward|betray {q:person!p}|give in].
    {p:person} felt [a sudden|an intense|a strange|a deep] [desire|rage|affection|sorrow|despair|contempt|pity|relief], but {p.he} [showed none|controlled {p.self}|kept silent].
    [Fear|Anger|Grief|Love|Jealousy|Hatred|Envy] is a [powerful|common|natural|human|dangerous] emotion.
    {p:person} [concealed|expressed|described|revealed|controlled] {p.his} [emotions|true feelings|intentions|doubts|motives].
    It is [necessary|essential|possible|sensible|reasonable|wise|useful|foolish|impossible|illegal] to [wait|prove it|ignore the rules|require a permit|remove the stain|determine the cause].
    {p:person's} [remark|comment|statement|criticism|argument|speech] was [appropriate|insulting|brief|vague|accurate|irrelevant|unfortunate|awkward].
    The [author's|poet's|critic's|historian's] [latest|previous|second|most famous|complex] [novel|work|edition|essay|thesis|volume] [describes|concerns|deals with|reflects] [the fate of a family|life in the colonies|the struggle for freedom|a tragic love affair|his own childhood].
    The [plot|scene|opening|chapter|verse] of the [drama|novel|opera|tragedy|comedy] is [based on fact|hard to follow|full of suspense|set in {c:city}|pure fiction].
    The main character of the [story|novel|movie] is {a j:job} who [seeks revenge|falls in love|inherits a fortune|solves a mystery|loses everything].
    The [orchestra|pianist|soprano|band|choir] [performed|played|rehearsed|recorded] a [symphony|piece|melody|hymn|folk song].
    The [sculpture|portrait|photograph|painting|design] [displays|shows|reveals] the artist's [skill|genius|imagination|technique|sense of color].
    [Modern|Classical|Gothic|Ancient|Abstract] [architecture|art|music|literature|poetry] is [an acquired taste|taught at the academy|widely admired|{p:person's} passion].
    [The adjective|The verb|The noun|This word|The phrase] is [derived from Latin|spoken with a strong accent|used in formal speech|the subject of the sentence|difficult to translate].
    Each [syllable|vowel|letter|word] is [pronounced|written|spoken] [clearly|separately|with care].
    The [manuscript|document|letter|diary] [was discovered|appeared|is kept] in the [archives|attic|library of Princeton|museum].
    Mathematical [logic|reasoning|proof|analysis] [requires|demands] [patience|concentration|an exact mind|clear definitions].
    The [basic|fundamental|underlying|main] [principle|concept|assumption|factor|element] is [simple|often misunderstood|widely accepted|explained in the introduction].
    The [theory|hypothesis|claim|explanation] is [supported by evidence|based on false assumptions|consistent with the facts|open to criticism].
    Researchers [conducted|designed|repeated|published] [a series of experiments|a survey|a detailed study|an examination of the data].
    The [data|results|figures|observations] [indicate|suggest|demonstrate|confirm] [a significant increase|a gradual decline|no relationship|a regular pattern].
    The [method|technique|process|procedure|system] is [efficient|reliable|complicated|standard practice|still being tested].
    {p:person} solved the problem in [several|various|three|different] ways, and each solution was [elegant|correct|adequate|original].
    [In addition|In contrast|Nevertheless|Moreover|Therefore|As a result|However|Meanwhile|Otherwise], {p:person} [changed|abandoned|revised|defended] {p.his} [opinion|plan|position|view|theory].
    {p:person} [recognized|identified|encountered|overlooked|mentioned] a [familiar|distinct|slight|subtle|striking] [difference|resemblance|pattern|feature|detail].
    {p:person} [achieved|reached|pursued|missed] {p.his} [goal|aim|ultimate objective|ideal].
    [Wisdom|Knowledge|Experience|Maturity] comes with age, and so does [doubt|patience|gray hair|regret].
    The {i:idea} had a [profound|lasting|considerable|limited] [influence|effect|impact] on {p:person}.
    A [careful|thorough|critical|objective] [examination|review|judgment|investigation] is [needed|required|recommended].
    Nothing is [absolute|permanent|perfect|certain], except [death and taxes|change|the past].
    {p:person} has a [remarkable|excellent|poor|photographic] memory and a [vivid|fertile|limited] imagination.
    The [childhood|youth|birth|death|marriage|divorce] of {p:titled} was [described in a book|a public event|never mentioned|the beginning of {p.his} fame].
    {p:person's} innocence was proved [beyond doubt|by the testimony of {q:person!p}|too late].
    {p:person} [treats|regards|respects] {q:person!p} as [a friend|an equal|a master of {q.his} craft|a rival].
    {p:person} took advantage of the [occasion|opportunity|confusion|silence] to [address the crowd|leave the room|propose a toast|ask for a favor].
    {p:person} paid no attention to the [warning|gossip|signal|instructions|noise], and {p.he} [regretted|never regretted] it.
  `),
  scenes: lines(`
    {p:person} [tore|threw|flung|pushed] the [curtain|gate|door|shutters] open and [stared into the darkness|breathed the cold air|waved to the crowd|looked for the source of the sound].
    {p:person} [wore|put on|took off|borrowed] a [wooden mask|rough wool collar|leather belt|silk robe|pair of trousers|heavy helmet].
    {p:person} [wiped the sweat from|scratched|touched|bruised] {p.his} [forehead|chin|cheeks|neck|lips|nose].
    {p:man} has a [thick|gray|curly|neat|long] beard and [bright|tired|kind|cold|sharp] eyes.
    The [stairs|boards|branches] [cracked|shook|snapped|creaked] under {p:person's} [weight|feet|boots].
    A [sharp|loud|sudden|faint] [bang|crack|cry|scream|blow] [broke the silence|woke everyone|echoed through the valley|came from the basement].
    {p:person} [gripped|seized|grasped] the [handle|rope|rifle|sword|knife] with [both hands|all {p.his} strength|stiff fingers|trembling hands].
    The [pitcher|batter|goalkeeper|boxer|opponent] [missed|slipped|was hit|fell|left the field] in the [first inning|second half|last round|final minute].
    The [crowd|mob|audience|gang] [rushed|pushed|moved|flowed] toward the [exit|stage|gate|square].
    The [deck|surface|interior|hull|cabin] of the ship was [covered with ice|painted white|badly damaged|clean and bright].
    The [horseman|rider|knight|cavalry] [rode|came] [across the plain|over the hill|through the gate|at full speed].
    The [apartment|cottage|mansion|site|cabin|resort] is [situated|located] [near the highway|beside a lake|on the edge of the town|within walking distance].
    Their [rooms|quarters|seats|tickets] were [reserved in advance|on the upper floor|more comfortable than ours|not what they had expected].
    The [couple|lovers|newlyweds|twins] [danced|embraced|quarreled|walked arm in arm] [beneath the stars|until dawn|along the beach|at the holiday resort].
    A [boyfriend|girlfriend|husband|wife] should be [honest|loving|patient|faithful].
    {p:person} [poured|spilled|tasted|refused] a glass of [whiskey|brandy|red wine|champagne] and [lit a cigarette|loosened {p.his} collar|sighed|changed the subject].
    The [dough|mixture|sauce|batter] should be [smooth|thick|stirred constantly|left overnight|divided into {n:few} parts].
    A [pinch|spoonful|little] of [salt|spice|pepper] [improves|changes|brings out] the flavor.
    The [pipe|channel|tube|filter] is clogged with [hair|leaves|grease|mud], so the water cannot [drain|escape|flow].
    The [garbage|trash|mess] in the [driveway|countryside|back yard|hallway] was [awful|a disgrace|removed at last|gone].
    The [fabric|cloth|thread|string|tape] is [coarse|delicate|tough|easy to tear].
    [Tape|Attach|Fasten|Tie] the [label|string|wire|sheet] to the [edge|frame|back|wheel], and [mark the spot|cut off the rest|check the result].
    The [hem|collar|sleeve|edge] of the {t:garment} is [torn|loose|lined with fur|decorated with gold thread].
    The [coin|arrow|bullet|rock|ball] missed the [target|wall|center|edge] by [an inch|a foot|a yard].
    The [circus|carnival|exhibition] [comes to town|opens] [in {m:month}|every year|next week], and the [kids|children] can hardly wait.
    The [television|TV|radio|video] [program|channel|network] [broadcasts|showed|canceled|repeated] the [interview|contest|show|news].
    The [teacher|graduate|student|dean|pupil] [graduated|was admitted|was promoted] [with honors|at an early age|despite poor grades].
    The [pages|lines|columns|notes] of the [notebook|report|code|contract] were [blank|marked in red|difficult to read|missing].
    [Kids|Youths|Young people|Teenagers] [often|rarely|usually|never] [realize|appreciate|question] [the value of time|what their parents do for them|how lucky they are].
    The [nasty|rude|foolish|mad|idle|drunken|unpleasant] {o:other} was [asked to leave|ignored by everyone|no longer welcome|a terrible bore].
    It was a [dramatic|painful|romantic|peaceful|grim|remarkable|sacred|historic|noble|desperate] moment, and {p:person} [would remember it forever|had tears in {p.his} eyes|stood perfectly still].
    At the [funeral|ceremony|reception|banquet|trial], {p:person} [stood beside|spoke with|avoided|comforted] {q:person!p}, [as was the custom|out of respect|for no apparent reason].
  `),
  more: lines(`
    The [society|institute|foundation|association] [promotes|supports|rewards] [academic|scientific|literary|intellectual|cultural|creative] [activity|activities|achievement|freedom|exchange].
    The [area|site|district|region] around {c:city} has [rural|urban|commercial|residential|industrial] [areas|sections|buildings|features] and [vast|fertile|flat|solid|rocky] [ground|lands|fields].
    A conversation needs [two voices|an exchange of views|a common language|time and attention].
    The term "{t:topic}" refers to [several|different|related|particular] things.
    The [figure|image|statue|object] in the [center|background|foreground|corner] of the painting [represents|depicts|resembles] [a divine spirit|an evil god|a young mother with an infant|the artist's lover].
    The [information|evidence|report|rumor] [includes|contains|provides|concerns] [names and addresses|no new facts|specific details|personal habits].
    The United States is a [union|federation] of fifty states.
    A [million|hundred|dozen] [lights|voices|soldiers|photographs|stars] [filled|lined|lit] the [night|streets|hall|horizon].
    He is a [major|captain|sergeant|colonel] in the [marines|air force|navy|army], and his [rank|uniform|duty|loyalty] means everything to him.
    She held the [gun|sword|fist|torch] [steady|high|tight], and [none of them|nobody] [moved|dared to speak|tried to resist].
    The [force|speed|weight|impact] of the [blow|wave|wind|explosion] [knocked him down|destroyed the web|broke the stick|moved the rock].
    Christmas and Easter are [Christian|religious|traditional] holidays.
    An active [mind|child|life|imagination] [prevents boredom|needs stimulation|is a gift].
    The [mouth|throat|skin|tongue|vein|stomach] is part of the body.
    The [prisoners|settlers|soldiers|passengers] suffered from [illness|hunger|heat|poor treatment|lack of sleep].
    The [firm|company|agency] [employs|produces|handles|charges] [more than its competitors|less than we expected|too much|twice as much per year].
    Milk is a liquid, wood is a solid, and air is a gas.
    The rate of [unemployment|inflation|growth|progress|interest] was {n:few} percent per year.
    In response to the [threat|attack|criticism|request], the [government|troops|management|workers] [took direct action|remained passive|prepared for the worst|refused to deal with anyone].
    A harsh tone is [not likely to help|seldom effective|sometimes necessary|no way to treat a child].
    {p:person} walked towards the [voices|light|sea|sound], [slowly and steadily|without looking back|by degrees|step by step].
    At least [four|five|six] [bombs|shells|bullets] [landed|exploded|fell] [near the border|on the roof|in the harbor].
    The shock was [severe|mild|considerable|too much for him].
    My fellow [citizens|workers|students|Americans], [the hour has come|we must act|thank you for your support].
    The roads themselves were [in poor condition|flooded|blocked by fallen trees|full of holes].
    He made [an attempt|every effort|a bold attempt|no attempt] to [escape|avoid the blame|secure the gate|gain access to the records].
    The scale of the map is [too small|incorrect|printed at the bottom|one inch to the mile].
    The substance is [poisonous|transparent|hard as stone|similar to chalk], so [do not touch it|handle it with care|keep it away from kids].
    Faces appeared [at the windows|in the crowd|behind the glass|one after the other].
    The [flight|cruise|voyage|journey] to {c:city} [takes|lasted] {n:few} hours.
    A child's [trust|imagination|love|curiosity] is no small matter.
    The minor [officials|characters|roles|details] are [less important|often forgotten|of no interest].
    The emperor had absolute power over his [subjects|nobles|people|court].
    With great [power|freedom|wealth|success] comes great responsibility.
    {p:titled} was appointed [ambassador|director|judge|head of the department] and [performed|carried out] {p.his} [duties|functions] with [distinction|ease|skill|energy].
    [Grey|Dark|Solid|Normal] [clouds|walls|shapes] rose [above the horizon|further on|beyond the hills].
    The [behavior|movement|structure] of [particles|planets|large groups|animals] follows [certain|simple|universal|natural] laws.
    The passage [describes|explains|concerns] [the origin of species|the nature of light|the condition of the poor|early civilizations].
    Alcohol and [cigarettes|drugs|fast driving] [cause|account for] many [deaths|accidents|broken families].
    Current affairs [bore her|interest him|are discussed on the radio].
    The fighting [continued|ceased|spread|began] [in the early hours|throughout the region|despite the agreement|without warning].
    Her [presence|absence|silence|charm] [was felt by everyone|disturbed him|was a great comfort|spoke for itself].
    The broad [plain|river|avenue|valley] stretched [for miles|to the sea|before us].
    He was determined to [succeed|finish the marathon|discover the truth|restore the old cottage].
    Thoughts of [home|revenge|the past|lost love] [entered {p:woman's} mind|kept {q:man} awake|came and went].
    The relations between the two [families|nations|brothers] are [hostile|friendly|strained|improving].
    His first reaction was [anger|to run|disbelief|a bitter laugh].
    The politician's [promises|speech|character|wealth] [attracted|surprised|disgusted] the [voters|journalists|public].
    The cast of the [play|film|opera] [bowed|received flowers|rehearsed for weeks].
    [Raw|Fresh|Frozen|Spoiled] [meat|fish|milk|fruit] [has a strong odor|should be kept cold|is sold at the market].
    His breathing was [deep and regular|heavy|shallow|barely audible].
    The [values|beliefs|customs|traditions|rites] of [ancient peoples|our ancestors|the tribe|native Americans] [differ from ours|deserve respect|have been described in detail].
    Dead bodies were [found in the rubble|covered with sheets|buried in haste].
    The technical [terms|details|problems|aids] are explained [in the appendix|later|in simple language].
    The director has the authority to [hire|fire|promote|suspend] [employees|members of the staff].
    The title of the [article|painting|course|film] is [misleading|short|well chosen|in {l:language}].
    Extreme [heat|poverty|views|care] can be [dangerous|harmful|hard to bear].
    The direction of the [wind|river|arrow] [changed|was clear|was uncertain].
    Physical [labor|contact|strength|exercise] [matters|helps|is required|makes one hungry].
    The central [government|theme|station|figure] was [established|moved|rebuilt|discussed] in [the last century|the final chapter|{c:city}].
    The [pace|outcome|sequence|course] of events [surprised historians|could not be predicted|was determined by chance].
    The [guest|stranger|dean|host] entered, [greeted everyone|took off his hat|bent his head|looked embarrassed], and [sat down|left again].
    Under the circumstances, [it was the best we could do|nobody can be blamed|we had to submit|a compromise was reached].
    The legal [profession|procedure|code] [is|remains] [a mystery to most people|complex|open to abuse].
    Matters became worse when the [boss|host|police|neighbors] [arrived|appeared|found out].
    The [manners|appearance|gestures|habits] of the [noble lady|old colonel|foreign guests] [charmed|puzzled|amused] the [children|servants|whole company].
    Birds have wings, fish have fins, and insects have six legs.
    There was [little|no|strong|fierce] resistance to the [scheme|plan|idea|proposed changes].
    The poet's [soul|heart|words] [spoke of freedom|knew no rest|touched the reader].
    The officer forced the [prisoner to speak|driver to stop|crowd to move back|door open].
    The suffering of the [wounded|poor|innocent|refugees] [moved him to tears|was hard to bear|received little attention].
    She tied the [boat|string|horse|ribbon] to a [branch|post|pole|ring], and [went ashore|tested the knot|waited].
    The opposition [rejected|supported|criticized|delayed] the [scheme|reform|appointment|budget].
    Steel products are [exported|processed|manufactured|in great demand] [here|overseas|in this area].
    The capacity of the [tank|hall|stadium|disk] is [limited|enormous|adequate].
    {p:person} glanced at {q:person!p}, and {q.he} seemed [uncertain|depressed|indifferent|deeply moved|popular with everyone].
    A branch of [science|mathematics|medicine] deals with [light|numbers|motion|the nervous system].
    The ad in the [paper|magazine|window] says: "[Room to rent|Cook wanted|Piano lessons|Free kittens]."
    The resulting [errors|profits|panic|confusion] [lasted for days|surprised the experts|cost millions].
    The [sexual|emotional|moral|mental] development of [children|adolescents|mammals] [is studied by experts|takes years|varies].
    Foods that contain [sugar|fat|fiber|vitamins|poison] [are listed on the label|should be avoided|affect the body].
    Fired by [ambition|enthusiasm|anger], the [student|painter|inventor] worked [day and night|with vigor|as never before].
    The [classes|services|lessons|rehearsals] [begin|resume|are held] [in the morning|after the holiday|every other week].
    [Superior|Modern|Proper|Sharp] tools [save time|make the job easier|are expensive].
    An insult is [soon forgotten|hard to forgive|no basis for friendship].
    The [claims|bonds|rates|accounts] were [settled|checked|fixed|assigned] by the [court|bank|insurance agent].
    The dish was [prepared|served|flavored] with [garlic|wine|herbs|cream].
    His spirits [rose|sank] when he heard [the jury's decision|the music|her voice|the final score].
    A [sense of humor|loud voice|cold heart|good ear] is [a gift|a disadvantage|not uncommon].
    Traffic signs [warn drivers|are placed along the road|must be obeyed].
    The cure for [grief|boredom|a broken heart|ignorance] is [work|time|companionship|education].
    His vision is [blurred|poor|weak], so he [wears glasses|saw a specialist|cannot drive at night].
    A joint [committee|operation|statement] was [planned|announced|required].
    It occurred to {p:person} that {p.he} had [left the stove on|never paid the pianist|met {q:person!p} before|made an error].
    {p:person} [tends|is inclined|is obliged|hesitates] to [reject|favor|delay|question] [every proposal|such methods|decisions of this kind].
    The dying [king|soldier|emperor] [whispered a name|closed his eyes|asked for water|spoke his last words].
    The boss is [aggressive|conservative|superficial|liberal|silly|awkward|moderate] in his [views|tastes|manners].
    The plane landed [safely|with one wing on fire|on rough ground|after a delay].
    Her voice [trembled with emotion|was deep and calm|carried to the back of the hall|cracked].
    The European [market|tradition|borders|languages] [changed|survived|were discussed|developed] [over the centuries|after the war|gradually].
    {p:person} has a spare [key|tire|ticket], so {q:person!p} can [use it|borrow it].
    Warfare has changed since the invention of [gunpowder|the airplane|radar|the atomic bomb].
    The reasons for [his absence|her sudden departure|the collapse|their success] are [unknown|simple|complex|historical|purely financial].
    In conclusion, [the author recommends reform|we need more research|the experiment was a failure|nothing was proved].
    Immediately after the [accident|ceremony|crash|vote], [everyone left|the trouble began|reporters arrived|the road was closed].
    The protection of [minorities|the environment|endangered species|wildlife] is [a duty|vital|everyone's responsibility].
    This generation [grew up with television|faces new problems|values security|has lost its faith].
    A grave [error|mistake|crisis|matter] [requires|demands] [prompt action|a quick response|careful thought].
    The historical [records|documents|sites] [date from|belong to] the [Middle Ages|last century|colonial period].
    The foundation of the [house|tower|theory] is [weak|solid|being examined|sound].
    The balance of [power|nature|trade] [shifted|must be restored|is delicate].
    Her identity was [revealed|kept secret|confirmed] by [a photograph|her handwriting|two witnesses|the deep scar on her shoulder].
    [Nothing|Everything|Something] about the [case|letter|stranger|plan] was [odd|familiar|suspicious|clear].
    An actual [ghost|emergency|expert|diamond] is [rarely seen|a different matter|quite unlike the ones in movies].
    The presidential [address|election|palace|guard] [was broadcast live|received wide attention|was the topic of the day].
    Snow lay on the ground to a depth of {n:few} inches.
    The main reason is [economic|historical|cultural|geographical].
  `),
};
