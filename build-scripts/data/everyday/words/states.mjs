// How somebody is, what they do because of it, and what they cannot do. Written for this project.

export const states = {
  tired: {
    does: 'go to bed early; lie down on the couch; take a nap; fall asleep in the chair; stay at home; sit down on the bench; drink a strong coffee; close {@.his} eyes; stop working; go home early; yawn all evening; sleep for ten hours',
    cannot:
      'finish the report; go to the party; stay awake; run any farther; cook dinner; carry the bags; drive home; listen to the speech; climb the stairs; do {@.his} homework; watch the movie to the end; clean the kitchen; think clearly',
  },
  hungry: {
    does: 'make a sandwich; order a pizza; eat three plates of {d:dish}; look in the refrigerator; buy {a d:dessert}; have lunch early; finish the whole {d:dessert}; ask for more {d:dish}; cook {some d:dish.q}; eat {a f:fruit} on the way',
    cannot:
      'wait for dinner; think about work; share the food; sleep; concentrate on the lesson; wait any longer',
  },
  thirsty: {
    does: 'drink a glass of water; ask for {some d:drink}; buy a bottle of water; drink two glasses of {d:drink}; look for a well; stop at the fountain; empty the whole bottle',
    cannot: 'speak; run any farther; wait for the waiter; think of anything but water',
  },
  sick: {
    does: 'stay in bed; call the doctor; take some medicine; go to the doctor; stay home from work; drink hot tea; cancel the trip; rest all week; miss the exam; ask for a blanket',
    cannot:
      'go to school; go to work; eat anything; play outside; come to the party; travel; sing at the concert; get up; take the exam; go swimming',
  },
  afraid: {
    does: 'hide under the bed; run away; hold {@.his} breath; scream; lock the door; turn on the light; close {@.his} eyes; call for help; stay close to the wall; run back to the house; tremble',
    cannot:
      'open the door; enter the cave; jump into the water; speak; walk home alone; look down; go up to the dog; tell the truth; move; climb the ladder; sleep without a light',
  },
  angry: {
    does: 'slam the door; shout at {@.his} brother; leave the room; write a long letter to the newspaper; throw the letter into the fire; hang up the phone; refuse to answer; raise {@.his} voice; walk out of the meeting; tear up the paper',
    cannot:
      'say a word; listen to anyone; sit still; forgive {@.his} friend; accept the apology; finish dinner; laugh about it',
  },
  happy: {
    does: 'smile all day; sing in the shower; hug everyone; dance around the room; laugh out loud; call all {@.his} friends; buy flowers for everybody; whistle a song; jump up and down; thank the whole team',
    cannot: 'stop smiling; sit still; sleep; keep it a secret; find the right words; hide it',
  },
  sad: {
    does: 'cry; stay in {@.his} room; write a sad poem; take a long walk alone; listen to slow music; look at old photos; call {@.his} best friend; sit by the window for hours; say very little',
    cannot: 'eat; laugh at the joke; talk about it; enjoy the party; dance; sing; smile',
  },
  bored: {
    does: 'turn on the television; look out of the window; yawn; play with {@.his} pencil; leave early; call a friend; look at the clock again and again; draw on the paper; fall asleep; look for something to do; count the tiles on the ceiling',
    cannot:
      'listen to the speaker; finish the book; stay until the end; pay attention; watch the second half',
  },
  busy: {
    does: 'eat lunch at {@.his} desk; work until midnight; cancel the meeting; forget about dinner; answer only the most important letters; ask for more time; hire an assistant; skip lunch; work on Sunday',
    cannot:
      'come to the party; call back; go on vacation; answer the phone; help with the move; cook dinner; write letters; read the whole report; meet {@.his} friends; take a break; play with the children',
  },
  cold: {
    does: 'put on a warm coat; close the window; turn on the heater; make a fire; drink hot tea; wear two pairs of socks; put {@.his} hands in {@.his} pockets; sit by the stove; ask for a blanket; go back inside',
    cannot: 'swim any longer; wait outside; feel {@.his} fingers; sit still; sleep; hold the pen',
  },
  late: {
    does: 'take a taxi; run to the station; skip breakfast; drive too fast; call the office; miss the first act; apologize to everyone; leave without {@.his} coat; hurry up the stairs; take the last seat',
    cannot:
      'catch the train; see the beginning of the movie; get a good seat; stop for coffee; have breakfast; say goodbye',
  },
  rich: {
    does: 'buy a big house; travel around the world; own three cars; give a lot of money to the hospital; live by the sea; build a school for the village; collect paintings; employ a cook',
    cannot: 'worry about the price; remember what bread costs; spend it all',
  },
  poor: {
    does: 'live in a small room; work two jobs; wear old clothes; walk to work every day; save every penny; borrow money from {@.his} uncle; sell {@.his} watch; repair {@.his} own shoes',
    cannot:
      'pay the rent; buy a new coat; go to college; see a doctor; heat the house; afford a car; travel; eat meat every day',
  },
  careless: {
    does: 'break the vase; lose {@.his} keys; spill the coffee; forget the appointment; leave the door open; burn the dinner; drop the plates; make a lot of mistakes; leave {@.his} phone on the bus; cut {@.his} finger',
    cannot: 'keep a secret; find anything',
  },
  strong: {
    does: 'lift the heavy box; carry the piano upstairs; open the jar; move the rock; win the match; push the car up the hill; swim across the lake; pull the boat onto the beach',
    cannot: 'understand why others needed help',
  },
  nervous: {
    does: 'bite {@.his} nails; drop the pen; forget {@.his} lines; check the clock every minute; walk up and down the hall; speak too fast; take a deep breath; ask the same question twice; play with {@.his} ring',
    cannot: 'eat breakfast; sleep; sit still; remember the answer; say {@.his} own name; hold the cup',
  },
  curious: {
    does: 'open the box; ask a lot of questions; look through the keyhole; follow the strange noise; read the letter; walk into the cave; take the clock apart; look up the word; climb over the wall; press the red button',
    cannot: 'wait until the morning; leave the package closed; stop asking; walk past the open door',
  },
  kind: {
    does: 'help the old man across the street; share {@.his} lunch; give {@.his} seat to a stranger; lend {@.his} umbrella to the tourist; feed the stray cat; visit the sick neighbor; listen patiently; offer {@.his} help; carry the bags for {@.his} grandmother',
    cannot: 'say no; laugh at the mistake; leave the lost child alone; send the stranger away',
  },
  lazy: {
    does: 'stay in bed until noon; leave the dishes in the sink; take the elevator to the second floor; let others do the work; copy the homework; order pizza every night; watch television all day',
    cannot:
      'cook; walk the dog; get up before ten; write the essay; wash the car; look for a job; clean {@.his} room',
  },
  proud: {
    does: 'show the medal to everyone; hang the picture on the wall; tell the story again and again; frame the letter; hold {@.his} head high; invite the whole family; wear the new uniform all day',
    cannot: 'ask for help; admit the mistake; accept the money; say sorry; take the job',
  },
  honest: {
    does: 'return the wallet; tell the truth; admit the mistake; give back the extra change; hand in the money; refuse the bribe; confess everything; point out the error in the bill',
    cannot: 'keep the money; lie to {@.his} friends; cheat on the test; take the bribe; hide the truth',
  },
  drunk: {
    does: 'fall off the chair; sing in the street; take a taxi home; forget {@.his} own address; leave the car at the bar; laugh at everything',
    cannot: 'drive home; walk straight; find the door; remember the evening; unlock the door',
  },
  young: {
    does: 'pay only half the price; ride for free; go to kindergarten; need a lot of sleep; ask {@.his} parents for money; believe in dragons',
    cannot:
      'drive a car; vote; join the army; understand the joke; stay up late; reach the top shelf; buy wine; remember the war; go to school',
  },
  old: {
    does: 'walk with a cane; move slowly; wear thick glasses; sit by the fire; need help with the stairs; talk about the past; retire; forget names',
    cannot:
      'run; climb the tree; work in the fields; drive at night; hear the doorbell; move to another country; carry the wood; learn to ski',
  },
  lost: {
    does: 'ask for directions; look at the map; turn around; walk in circles; call {@.his} sister; stop at a gas station; ask a police officer; follow the river; drive past the same church three times',
    cannot: 'find the hotel; reach the village before dark; arrive on time; find the way back',
  },
  excited: {
    does: 'run to the door; talk without stopping; pack {@.his} bag a week early; wake up at five; clap {@.his} hands; count the days; jump on the bed; call everyone; ask a hundred questions',
    cannot: 'sleep; sit still; eat; wait; keep quiet; think about anything else',
  },
  jealous: {
    does: 'refuse to say hello; hide the letter; leave the party early; copy {@.his} rival; complain to the teacher; tell a lie; break the toy',
    cannot: 'enjoy the party; say anything nice; share the prize; look at the new car',
  },
  patient: {
    does: 'wait for two hours; explain it again; listen to the whole story; teach the child to read; answer every question; start again from the beginning; sit by the river all day',
    cannot: 'understand all the shouting; lose {@.his} temper; give up',
  },
  clever: {
    does: 'solve the puzzle; find the answer at once; learn the language in a year; win the game of chess; notice the trick; invent a new machine; get the best grade; escape through the window; fix the computer',
    cannot: 'fail such an easy exam; stop thinking about the puzzle; believe the story',
  },
};
