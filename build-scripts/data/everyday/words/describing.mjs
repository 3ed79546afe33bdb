// Adjectives by what they can be said of, and adverbs by what they do. Written for this project.

export const adjectives = {
  // of persons and animals for a while
  feeling: `happy, sad, tired, angry, hungry, thirsty, nervous, excited, proud, bored, scared, worried, surprised, lonely, jealous,
    grateful, calm, cheerful, upset, confused, curious, disappointed, embarrassed, hopeful, relieved, sleepy, satisfied, anxious,
    miserable, delighted, furious, ashamed, exhausted, impatient, annoyed, shocked, eager, sick`,
  hindered: 'tired, sick, busy, hungry, nervous, sleepy, exhausted, weak, upset, cold, ill',
  glad: 'happy, glad, pleased, delighted, proud, relieved, excited, thrilled, grateful, cheerful, satisfied',
  down: `sad, upset, angry, worried, disappointed, unhappy, annoyed, furious, miserable, ashamed, nervous, lonely, afraid, frustrated`,
  // of persons for long
  character: `kind, honest, clever, brave, friendly, polite, quiet, funny, lazy, shy, patient, generous, careful, strict, wise,
    gentle, stubborn, rude, selfish, serious, smart, strong, young, old, tall, short, famous, rich, poor, busy, healthy, slim,
    popular, talented, reliable, modest, creative, ambitious, cheerful, loyal, responsible, intelligent, lucky, independent`,
  good: 'kind, honest, clever, brave, friendly, polite, funny, patient, generous, wise, gentle, smart, reliable, loyal, helpful',
  bad: 'lazy, stubborn, rude, selfish, careless, dishonest, greedy, cruel, bossy, impatient, arrogant, unfriendly, mean, noisy',
  // of things
  size: 'big, small, large, little, tiny, huge, long, short, tall, wide, narrow, thick, thin, enormous',
  measure: 'big, small, large, heavy, light',
  color: `red, blue, green, yellow, black, white, brown, gray, orange, purple, pink, dark blue, light green, bright red`,
  age: 'old, new, ancient, modern, young',
  state: `broken, clean, dirty, wet, dry, cheap, expensive, new, old, dusty, beautiful, ugly, strange, pretty, nice, missing, ready`,
  worth: 'cheap, expensive, valuable, useful, new, old, nice, beautiful, special, fine, rare, small',
  taste: `delicious, sweet, sour, salty, bitter, spicy, fresh, hot, cold, warm, tasty, crispy, juicy, ripe, rotten, healthy, homemade`,
  tasty: 'delicious, tasty, good, sweet, fresh',
  fresh: 'fresh, delicious, sweet, ripe, juicy, cheap, healthy, tasty, small, large, organic, local',
  place: `quiet, busy, old, modern, beautiful, small, crowded, famous, empty, dark, peaceful, clean, dangerous, large, lovely,
    distant, strange, noisy, cold, sunny, safe, wild, remote, popular, ordinary, pleasant`,
  work: `interesting, boring, difficult, easy, important, long, short, strange, wonderful, terrible, exciting, sad, funny, new,
    brilliant, useful, complicated, simple, famous, popular, modern, excellent, ordinary, serious, surprising, perfect`,
  idea: `good, bad, great, strange, new, simple, clever, crazy, interesting, serious, important, wonderful, terrible, reasonable,
    different, similar, obvious, personal, practical, brilliant, stupid, dangerous, common, clear, possible, original, fair`,
  weather: `sunny, rainy, cloudy, windy, cold, hot, warm, foggy, stormy, snowy, cool, humid, dry, wet, gray, mild, clear, freezing, icy`,
  fine: 'sunny, warm, clear, mild, beautiful, lovely, bright, pleasant',
  foul: 'rainy, cold, windy, stormy, foggy, gray, wet, icy, freezing, terrible',
  animal:
    'small, big, brown, black, white, old, young, hungry, wild, friendly, lazy, beautiful, gray, little, fat, thin, quick, quiet',
  event: `long, short, important, exciting, boring, successful, wonderful, terrible, big, small, special, annual, noisy, private,
    public, unforgettable, local, international`,
  money: 'high, low, expensive, cheap, reasonable, fair',
  fabric:
    'warm, soft, light, thick, new, old, red, blue, green, black, white, gray, woolen, cotton, striped, elegant, loose, tight',
};

export const adverbs = {
  manner: `quickly, slowly, carefully, quietly, loudly, happily, sadly, angrily, easily, calmly, gently, badly, well, politely,
    patiently, nervously, proudly, bravely, silently, suddenly, eagerly, secretly, together, alone, immediately`,
  careful: 'carefully, slowly, quietly, patiently, calmly, gently, quickly, skillfully, neatly, silently',
  talk: `quietly, softly, loudly, politely, angrily, calmly, nervously, gently, kindly, proudly, seriously, suddenly, firmly, sadly,
    cheerfully, slowly, simply, coldly, warmly, honestly`,
  often:
    'always, usually, often, sometimes, rarely, never, almost never, seldom, regularly, frequently, occasionally',
  degree:
    'very, quite, rather, really, extremely, fairly, pretty, so, too, terribly, unusually, surprisingly',
  opinion: `fortunately, unfortunately, luckily, of course, surprisingly, perhaps, maybe, obviously, in the end, sadly, as usual,
    for once, naturally, to be honest, in fact, after all, finally, at last`,
};
