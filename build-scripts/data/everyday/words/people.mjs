// Names and the people of everyday life. Written for this project.

const split = (text) => text.trim().split(/\s*,\s*|\s+/);
const phrases = (text) => text.trim().split(/\s*,\s*/);

export const women = split(`
  Anna Emma Mary Sarah Alice Lucy Grace Julia Laura Helen Jane Kate Lily Maria Nora Olivia Rachel Rosa Sophie Susan
  Amy Clara Diana Ella Eva Hannah Iris Jenny Karen Linda Megan Nina Paula Ruth Sandra Tina Vera Wendy Zoe Amina Fatima
  Mei Yuki Priya Elena Ingrid Carmen Lena Molly Betty Carol Emily Jessica Lisa Nancy Barbara Elizabeth Margaret Chloe
  Victoria Daisy Ellen Martha Judy Leila Sonia Bella Ruby Stella Jasmine Beth Tara Maya Ada Joan Claire Abigail`);

export const men = split(`
  Tom John James David Paul Peter Mark Daniel Ben Sam Jack Henry George Robert Michael Adam Alex Andrew Charles Chris
  Edward Eric Frank Fred Harry Ian Jacob Kevin Leo Luke Martin Max Nick Oliver Oscar Patrick Philip Ray Simon Steve
  Thomas Tim Victor Walter William Ahmed Omar Carlos Diego Hiro Ivan Jamal Kenji Luis Marco Mateo Pablo Raj Wei Yusuf
  Albert Arthur Bill Brian Gary Howard Jim Joe Matthew Richard Roger Scott Toby Felix Hugo Noah Ethan Lucas Nathan`);

export const surnames = split(`
  Baker Brown Carter Chen Clark Cooper Davis Evans Fisher Garcia Green Hall Harris Hill Jackson Johnson Jones Kim King Lee
  Lewis Lopez Martin Miller Moore Nelson Parker Patel Reed Roberts Smith Stone Taylor Turner Walker White Wilson Wood
  Wright Young Adams Allen Bell Bennett Cook Foster Gray Hughes Morgan Murphy Price Russell Scott Sanders Ward Watson`);

export const kin = {
  f: phrases(`my mother, my sister, my grandmother, my aunt, my wife, my daughter, my niece, our mother, our daughter,
    my older sister, my little sister, my best friend's mother, the girl next door, the old woman, the young woman, the little girl`),
  m: phrases(`my father, my brother, my grandfather, my uncle, my husband, my son, my nephew, our father, our son,
    my older brother, my little brother, my best friend's father, the boy next door, the old man, the young man, the little boy`),
};

/** Nouns for people who may be women or men. */
export const jobs = phrases(`
  teacher, doctor, nurse, farmer, baker, driver, cook, waiter, lawyer, judge, engineer, pilot, singer, writer, painter, actor,
  dancer, musician, student, scientist, soldier, police officer, firefighter, dentist, gardener, carpenter, plumber, mechanic,
  electrician, librarian, secretary, manager, banker, cashier, clerk, butcher, barber, tailor, photographer, reporter, editor,
  coach, player, runner, swimmer, guide, captain, sailor, builder, worker, cleaner, guard, designer, programmer, artist,
  professor, principal, director, assistant, president, mayor, minister, ambassador, detective, chef, accountant, architect,
  surgeon, vet, pharmacist, therapist, translator, journalist, poet, novelist, drummer, violinist, conductor, athlete,
  boxer, referee, salesperson, florist, hairdresser, janitor, receptionist, lifeguard, babysitter, tour guide, bus driver,
  taxi driver, truck driver, shop owner, landlord, inventor, explorer, historian, biologist, chemist, physicist, hunter`);

export const others = phrases(`
  friend, neighbor, guest, visitor, customer, patient, client, passenger, tourist, stranger, boss, colleague, partner,
  classmate, roommate, teammate, cousin, child, baby, teenager, adult, parent, twin, owner, leader, member, expert,
  beginner, winner, fan, reader, speaker, buyer, seller, witness, citizen, voter,
  volunteer`);

export const groups = phrases(`
  family, team, class, crowd, group, audience, committee, crew, band, choir, army, company, club, government, community`);
