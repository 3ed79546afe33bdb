// People talking to each other: greetings, questions and answers, on the phone, in the shop, notes and letters. Written for
// this project.

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

export const dialogue = {
  greetings: lines(`
    "Hello, {q:person}! How are you?" "[I am fine, thank you.|Very well, thanks.|Not bad.|I am a little tired.] And you, {p:person}?" "[I am fine, too.|I have a {i:illness}.|I cannot complain.|Very busy, as always.]"
    "[Good morning|Good evening|Good afternoon|Hi|Hello], {q:titled}," said {p:titled}. "How is your {k:relative}?" "{k.he} is [fine, thank you|much better|still in the hospital|on vacation in {c:country}]."
    "What is your name?" asked the [teacher|boy|girl|old man|police officer]. "My name is {p:person}," [said|answered] {p}. "I am from {c:city}."
    "Nice to meet you, {p:person}. I am {q:person}," said the [boy|girl|stranger|new student|young man|young woman]. "Where are you from?" "I am from {c:country}, but I live in {d:city}."
    "Goodbye, {p:person}!" called {q:person}. "[See you tomorrow!|Have a nice day!|Take care!|See you on {d:weekday}!|Drive carefully!|Don't forget to write!]"
    "Good night, {p:person}," said {p.his} {k:relative}. "Sleep well." {p.he} closed {p.his} eyes and fell asleep.
    "Happy birthday, {p:person}!" said {q:person!p} and gave {p.him} {a t:gift}. "Thank you so much," said {p}. "I have always wanted one."
    "Thank you for {:thanks-for}," said {p:person}. "You are welcome," [replied|said] {q:person}.
    "I am sorry that I am late," said {p:person}. "[The bus did not come|I missed the train|My alarm clock is broken|I got lost|There was a lot of traffic]." "[It does not matter|No problem|We just started|You are always late]," said {q:person}.
    "Excuse me, is this seat taken?" asked {p:person}. "[No, please sit down|Yes, I am sorry|Yes, my {k:relative} is sitting here]," said {q:person}.
    "Can I help you?" asked the [woman|man|clerk]. "Yes, please. I am looking for {a t:gift} for my {k:relative}."
    "Welcome to {c:city}!" said the {j:job}. "Did you have a good trip?" "[Yes, thank you|It was long|The plane was late|We enjoyed it very much]," said {p:person}.
    Dear {p:person}, how are you? I [hope you are well|miss you|was happy to get your letter]. {:letter-news} Write soon! Yours, {q:person}
    Hi {p:person}, [I will be late|I cannot come|the train is late|I forgot my {t:portable}]. [Can you wait for me?|Please start without me.|See you later.|I am sorry!] {q:person}
    Dear {p:titled}, thank you for your [letter|email|help|invitation|visit]. [I would be glad to come|I am sorry that I cannot come|I look forward to seeing you|We will send you the {r:office}] {:when-future}. Best wishes, {q:titled}
    To {p:person}: Please {you>home-willingly} and {you>shopping-willingly}. I will be back at {n:hour} o'clock. {q:person}
  `),
  questions: lines(`
    "Where is my {t:portable}?" asked {p:person}. "{t.he} {t~be} [on the table|in the kitchen|under the bed|in your bag|where you left {t.him}]," said {q:person}.
    "Where is {p:person}?" asked {q:person}. "{p.he} is [at home|at work|in {the r:room}|in {c:city}|on vacation|at {the t:townplace}]," [said|answered] {r:person}.
    "When are you coming home?" asked {p:person}. "[At {n:hour} o'clock|In an hour|Soon|Not before {m:hour}|After the {e:event}]," said {q:person}.
    "Why are you so {a:is-feeling}?" asked {p:person}. "[I did not sleep well|I passed the exam|I lost my {t:portable}|My {k:relative} is ill|I have to work today|We are going to {c:country} tomorrow|It is raining again]," said {q:person}.
    "Who is that?" asked {p:person}. "That is {q:person}," said {r:person}. "{q.he} is {a j:job}."
    "Who is the {o:job} over there?" asked {p:person}. "I do not know {o.him}," said {q:person}. "Ask {r:person}."
    "What is in {the c:container}?" asked {p:person}. "[Nothing|{a t:portable}|{n:few} {u:portable.s} and {a t:gift}|Something for you|It is a secret]," said {q:person}.
    "How much is this {t:gift}?" asked {p:person}. "It costs {n:few} dollars," said the {j:job}. "That is too expensive," said {p}. "I only have {m:few}."
    "How old are you?" asked the {j:job}. "I am {n:number} years old," said {p:person}.
    "What time is it?" asked {p:person}. "It is [almost|half past|already|a quarter past] {n:hour}," said {q:person}.
    "What would you like to [drink|have]?" asked the {w=waiter}. "{a d:drink}, please," said {p:person}. "And {a f:dish} for my {k:relative}."
    "Do you like {f:fruit.s}?" asked {p:person}. "[Yes, I love them|No, not really|I prefer {g:vegetable.s}|Only when they are ripe]," said {q:person}.
    "Have you ever been to {c:country}?" asked {p:person}. "[No, never|Yes, twice|Yes, last summer|Not yet, but I would like to go there]," said {q:person}.
    "Do you speak {l:language}?" asked {p:person}. "[Yes, a little|No, only {m:language}|Yes, I lived in {c:city} for {n:few} years|I am still learning it]," said {q:person}.
    "Can you play the {i:instrument}?" asked {p:person}. "[Not very well|Yes, I have a lesson every {d:weekday}|No, but I can play the {j:instrument}|Of course]," said {q:person}.
    "Did you see {the a:wild}?" whispered {p:person}. "{a.he} is [behind the tree|hiding in the grass|drinking at the river]." {q:person!p} looked, but {q.he} could not see {a.him}.
    "What happened?" asked {p:person}. "{q:person!p} fell [down the stairs|off {q.his} bicycle]," said {r:person}. "{q.he} hurt {q.his} {b:bodypart}."
    "May I [borrow|use] your {t:schoolthing}?" asked {p:person}. "[Yes, here {t.he} {t~be}|I need {t.him} myself|Of course, but give {t.him} back to me]," said {q:person}.
    "Do you want to come with us to {the t:townplace}?" asked {p:person}. "[I would love to|I have no time|I have already been there|I will ask my mother|Maybe next time]," said {q:person}.
    "Which {t:garment} do you like better, the {c:is-color} one or the {d:is-color} one?" asked {p:person}. "[The {c} one|The {d} one|I like both|Neither]," said {q:person}.
    "What are you looking for?" asked {p:person}. "I am looking for my {t:portable}," said {q:person}. "Have you seen {t.him}?"
    "Is there any {d:drink} left?" asked {p:person}. "[No, {q:person} drank the last glass|Yes, in the refrigerator|Only a little]," said {r:person}.
    "What did {p:person} say?" asked {q:person}. "{p.he} said that {p.he} [was tired|would come later|had no time|did not like the {m:media}|wanted to go home|had seen you]," said {r:person}.
    "What do you want to be when you grow up?" asked {p:titled}. "I want to be {a j:job}," said {q:person}, "or maybe {a k:job}."
    "How was the {e:event}?" asked {p:person}. "It was {a:is-event}," said {q:person}. "[You should have been there|Everybody was there|We left early|{r:person} was there, too]."
    "Did you enjoy the {m:media}?" asked {p:person}. "[Yes, it was {a:is-work}|No, it was too long|I fell asleep|Not as much as the last one]," said {q:person}.
    "What is the weather like?" asked {p:person}. "It is {w:is-weather}," said {q:person}. "Take [your umbrella|a hat|your coat] with you."
  `),
  phone: lines(`
    "Hello, this is {p:person}. May I speak to {q:person}?" "I am sorry, {q.he} is not here. Can I take a message?" "Please tell {q.him} that I called."
    The phone rang. {p:person} answered it. "[Sorry, wrong number|This is {q:person}|I want to speak to {r:person}|I cannot hear you]," said a voice.
    {p:person} called {q:person!p}, but {q.he} did not answer. {p.he} left a message.
    {p:person} sent {q:person!p} a message: "[I am on my way|Where are you?|Call me back|I have good news|Don't forget the {d:drink}]." {q.he} [read it at once|did not see it|answered an hour later].
    {p:person} forgot {p.his} password, so {p.he} could not [open the file|log in|read {p.his} email|use the computer]. {q:person!p} helped {p.him}.
    {p:person's} {t:device} was [broken|new|slow|out of order], so {p.he} used {q:person!p's}.
    The screen went black, and {p:person} did not know what to do. "[Turn it off and on again|Check the cable|Press any key|Wait a minute]," said {q:person}.
    "The {t:device} is not working," said {p:person}. "Did you [plug {t.him} in|charge {t.him}|turn {t.him} on|read the manual]?" asked {q:person}.
    {p:person} took a picture of {the a:beast} and sent it to {q:person!p}. {q.he} liked it.
    The {d:digital} that {p:person} sent to {q:person!p} was too [large|long], so {q.he} could not open it.
  `),
  shop: lines(`
    "I would like {n:few} {f:fruit.s}, please," said {p:person}. "Here you are. Anything else?" asked the {j=baker}. "No, thank you. That is all."
    "How much are these {t:clothing.s}?" asked {p:person}. "They are {n:few} dollars," said the clerk. "I will take them," said {p}.
    {p:person} tried on the {c:is-color} {t:garment}, but it was too [big|small|long|tight]. Then {p.he} tried on the {d:is-color} one, and it fit {p.him} perfectly.
    {p:person} gave the clerk twenty dollars and got [two|three|five|seven|nine|ten|eleven] dollars back.
    "Do you have this {t:garment} in [blue|red|black|a larger size|a smaller size]?" asked {p:person}. "[I am sorry, we do not|Just a moment, please|Yes, here it is]," said the clerk.
    {p:person} returned the {t:device} to the store, because it [did not work|was too loud|was broken|was too slow]. The clerk gave {p.him} {p.his} money back.
    The shop was so full that {p:person} had to wait {n:few} minutes. {q:person!p} waited for {p.him} outside.
    The waiter brought {p:person} the wrong {f:dish}. {p.he} had ordered {a g:dish}.
    "The bill, please," said {p:person}. "That will be {n:few} dollars," said the waiter. {p.he} [paid in cash|left a good tip|had forgotten {p.his} wallet].
    We are out of {i:ingredient}. Could you buy some [on your way home|tomorrow|at the market]?
  `),
  instructions: lines(`
    To make [tea|coffee|hot chocolate], [boil some water|take a clean cup|wash your hands] first. Then [add some sugar|stir it well|wait a few minutes]. Finally, [pour it into a cup|let it cool|enjoy it].
    First, cut {the f:vegetable.s} into small pieces. Then fry {f.him} in {some i:ingredient} for {n:few} minutes. Add {some j:ingredient} and serve {f.him} with {g:dish}.
    Wash {the f:fruit.s}, cut {f.him} into pieces, and put {f.him} into a bowl. Add {some i:ingredient} and mix everything well.
    Mix the flour with the [sugar|butter|honey|yeast|salt|cream|milk]. Add {n:few} eggs and a little milk. Bake the {c:baked} for {m:few} minutes, and let {c.him} cool.
    You need {n:few} {f:vegetable.s}, {m:few} {g:fruit.s}, and some {i:ingredient}. Put everything into a pot and cook it slowly.
    Put {the t:device} on the table, plug {t.him} in, and press the [green|red|large|left] button.
    Before you use {the t:appliance}, read the instructions. Do not touch {t.him} when {t.he} {t~be} hot.
    Turn left at {the t:townplace}, then turn right at {the u:townplace}. {the v:townplace} is on the left side.
    Take the bus to {the t:townplace}, get off there, and walk [straight ahead|across the bridge|down the hill] to {the u:townplace}.
    If the {t:device} does not work, turn {t.him} off, wait for a minute, and turn {t.him} on again.
    Take the medicine {n:few} times a day after meals. If you do not feel better in {m:few} days, see a doctor.
    Do not [smoke|park|swim|fish|walk on the grass|feed the animals|use your phone] here.
    [Turn off the light|Lock the door|Close the window|Take an umbrella|Feed the cat] before you leave [the house|].
    Water {the p:plant} once a week, and put {p.him} in a [sunny|warm|bright|shady] place.
    Fold the paper in half, draw {a s:shape} on it, and cut {s.him} out with scissors.
    Write your [name|address|answer|phone number] [on the first line|below|in capital letters|at the top of the page].
    {p:person's} shopping list: {n:few} {f:fruit.s}, {m:few} {g:vegetable.s}, {i:ingredient}, {d:drink}, and {j:ingredient}.
    Things to take along: {a t:garment}, {a u:portable}, {a v:portable}, and {n:few} {w:fruit.s}.
    {p:person} packed {a t:garment}, {a u:garment}, {a v:portable}, and {a w:portable}. {p.he} forgot only {p.his} {x:portable}.
    The {g:group} consists of {n:few} {j:job.s}, {m:few} {k:job.s}, and {a l:job}.
  `),
};
