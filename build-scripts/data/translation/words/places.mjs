// Where things are done: phrases by the kind of place. Written for this project.

const home = `at [home] = à LA [maison]; in the [kitchen] = dans LA [cuisine]; in the [living room] = dans LE [salon]; in my [room] = dans ma [chambre]; in the [garden] = dans LE [jardin]; on the [balcony] = sur LE [balcon]; in the [dining room] = dans LA [salle à manger]`;
const out = `in the [park] = dans LE [parc]; in the [garden] = dans LE [jardin]; in the [street] = dans LA [rue]; on the [beach] = sur LA [plage]; in the [forest] = dans LA [forêt]; in the [mountains] = à LA [montagne]; in the [countryside] = à LA [campagne]; by the [river] = au bord de LA [rivière]; by the [lake] = au bord de LE [lac]; under the [tree] = sous l'[arbre]; in the [snow] = dans LA [neige]; in the [rain] = sous LA [pluie]; in the [yard] = dans LA [cour]`;
const town = `at the [restaurant] = au [restaurant]; at the [café] = au [café]; at the [station] = à LA [gare]; in [town] = en [ville]; at the [market] = au [marché]; at the [library] = à LA [bibliothèque]; at the [airport] = à l'[aéroport]; at the [hotel] = à l'[hôtel]; in front of the [church] = devant l'[église]; near the [station] = près de LA [gare]; in front of the [school] = devant l'[école]; at the [party] = à LA [fête]; near the [bridge] = près de LE [pont]`;
const school = `at [school] = à l'[école]; at the [university] = à l'[université]; in the [classroom] = dans LA [salle de classe]; at the [library] = à LA [bibliothèque]; at [home] = à LA [maison]`;
const work = `at the [office] = au [bureau]; in a [factory] = dans une [usine]; at the [hospital] = à l'[hôpital]; in a [bank] = dans une [banque]; in a [bakery] = dans une [boulangerie]; at the [university] = à l'[université]; on a [farm] = dans une [ferme]; in a [restaurant] = dans un [restaurant]; in a [hotel] = dans un [hôtel]; at [home] = à LA [maison]; in a [store] = dans un [magasin]; in the [garden] = dans LE [jardin]`;

export const places = {
  shops:
    'in [town] = en [ville]; at the [market] = au [marché]; in [Paris] = à [Paris]; in [London] = à [Londres]; at the [supermarket] = au [supermarché]',
  home,
  out,
  town,
  school,
  work,
  garden:
    'in the [garden] = dans LE [jardin]; behind the [house] = derrière LA [maison]; in front of the [house] = devant LA [maison]; near the [house] = près de LA [maison]',
  water:
    'in the [sea] = dans LA [mer]; in the [lake] = dans LE [lac]; in the [river] = dans LA [rivière]; at the [swimming pool] = à LA [piscine]',
  seat: "in the [armchair] = dans LE [fauteuil]; on the [sofa] = sur LE [canapé]; on the [bench] = sur LE [banc]; under the [tree] = sous l'[arbre]; on the [grass] = sur l'[herbe]; by the [window] = près de LA [fenêtre]",
  market:
    'at the [market] = au [marché]; at the [supermarket] = au [supermarché]; in the [village] = au [village]; in [town] = en [ville]',
  garage: 'in the [garage] = dans LE [garage]; in front of the [house] = devant LA [maison]',
  restaurant:
    "at the [restaurant] = au [restaurant]; at the [café] = au [café]; at the [hotel] = à l'[hôtel]",
  meadow:
    "in the [field] = dans LE [champ]; in the [yard] = dans LA [cour]; near the [river] = près de LA [rivière]; under the [tree] = sous l'[arbre]; in the [forest] = dans LA [forêt]; behind the [house] = derrière LA [maison]; by the [lake] = au bord de LE [lac]; on the [farm] = à LA [ferme]",
  yard: `in the [garden] = dans LE [jardin]; in the [kitchen] = dans LA [cuisine]; in the [yard] = dans LA [cour]; under the [table] = sous LA [table]; behind the [house] = derrière LA [maison]; in front of the [door] = devant LA [porte]; under the [tree] = sous l'[arbre]; in the [street] = dans LA [rue]; in the [field] = dans LE [champ]; near the [river] = près de LA [rivière]; on the [roof] = sur LE [toit]; under the [bed] = sous LE [lit]`,
  goal: `to [school] = à l'[école]; to the [market] = au [marché]; to the [station] = à LA [gare]; to the [beach] = à LA [plage]; to the [park] = au [parc]; to the [restaurant] = au [restaurant]; to the [movies] = au [cinéma]; to the [theater] = au [théâtre]; to the [library] = à LA [bibliothèque]; to the [museum] = au [musée]; to the [hospital] = à l'[hôpital]; to the [doctor] = chez LE [médecin]; to the [dentist] = chez LE [dentiste]; to the [bakery] = à LA [boulangerie]; to the [supermarket] = au [supermarché]; to [church] = à l'[église]; to the [mountains] = à LA [montagne]; to the [airport] = à l'[aéroport]; to the [bank] = à LA [banque]; to the [office] = au [bureau]; to the [swimming pool] = à LA [piscine]; to the [pharmacy] = à LA [pharmacie]; to the [university] = à l'[université]; to the [zoo] = au [zoo]; to the [hairdresser] = chez LE [coiffeur]; to the [sea] = à LA [mer]; to the [concert] = au [concert]; to the [post office] = à LA [poste]; to the [castle] = au [château]; to the [party] = à LA [fête]; to [work] = au [travail]; to the [hotel] = à l'[hôtel]; to the [factory] = à l'[usine]`,
  source: `[school] = l'[école]; the [market] = LE [marché]; the [beach] = LA [plage]; the [park] = LE [parc]; the [restaurant] = LE [restaurant]; the [library] = LA [bibliothèque]; the [hospital] = l'[hôpital]; the [bakery] = LA [boulangerie]; the [supermarket] = LE [supermarché]; the [office] = LE [bureau]; the [swimming pool] = LA [piscine]; the [university] = l'[université]; the [party] = LA [fête]; [work] = LE [travail]; the [factory] = l'[usine]; the [concert] = LE [concert]`,
  onto: "on the [table] = sur LA [table]; on the [chair] = sur LA [chaise]; in the [drawer] = dans LE [tiroir]; in the [box] = dans LA [boîte]; on the [desk] = sur LE [bureau]; under the [bed] = sous LE [lit]; in the [bag] = dans LE [sac]; on the [bed] = sur LE [lit]; on the [shelf] = sur l'[étagère]; in the [cupboard] = dans LE [placard]; in the [car] = dans LA [voiture]; on the [floor] = sur LE [sol]; near the [window] = près de LA [fenêtre]; behind the [door] = derrière LA [porte]",
  at: `at the [station] = à LA [gare]; at the [airport] = à l'[aéroport]; at the [hotel] = à l'[hôtel]; at [school] = à l'[école]; at the [office] = au [bureau]; at the [hospital] = à l'[hôpital]; at the [restaurant] = au [restaurant]; at the [beach] = à LA [plage]; at the [museum] = au [musée]; at the [market] = au [marché]; at the [party] = à LA [fête]`,
};

/** Where things are that cannot move, or where somebody lives. */
export const sites = `in the [city] = en [ville]; in the [countryside] = à LA [campagne]; in the [mountains] = à LA [montagne]; in a small [village] = dans un petit [village]; in a [village] = dans un [village]; near the [sea] = près de LA [mer]; near the [station] = près de LA [gare]; near the [church] = près de l'[église]; near the [forest] = près de LA [forêt]; on an [island] = sur une [île]; by the [sea] = au bord de LA [mer]; near the [river] = près de LA [rivière]`;

export const locations = `in front of = devant; behind = derrière; near = près de; next to = à côté de; opposite = en face de; far from = loin de`;
export const positions = `on = sur; under = sous; behind = derrière; in front of = devant; near = près de; next to = à côté de`;
export const containers =
  'box f boîte; drawer m tiroir; bag m sac; basket m panier; cupboard m placard; suitcase f valise; kitchen f cuisine; car f voiture; garage m garage; bedroom f chambre; garden m jardin; living room m salon; office m bureau';
