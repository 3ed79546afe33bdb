// Nouns by what they are. Written for this project.
//
// "apple f pomme": English, gender, French. "~" after the gender marks what cannot be counted, "=" what is plural in both
// languages, "%" what is so in French and cannot be counted in English, "mf" what has a form for each gender; "!" at the end what is said with "the" alone. French of several words has its plural after a slash where no rule gives it.
// A star before h keeps the vowel before it.

export const nouns = {
  man: 'man m homme; gentleman m monsieur',
  woman: 'woman f femme; lady f dame',
  child: 'child m enfant; boy m garçon; girl f fille',
  folk: `neighbor mf voisin voisine; friend mf ami amie; tourist mf touriste touriste; customer mf client cliente; guest mf invité invitée;
    stranger mf inconnu inconnue; student mf étudiant étudiante; pupil mf élève élève; colleague mf collègue collègue; cousin mf cousin cousine;
    passenger mf passager passagère; patient mf patient patiente; king m roi; queen f reine; prince m prince; princess f princesse; thief mf voleur voleuse; winner mf gagnant gagnante`,
  job: `teacher mf professeur professeure; doctor mf médecin médecin; nurse f infirmière; baker mf boulanger boulangère; farmer mf agriculteur agricultrice;
    cook mf cuisinier cuisinière; waiter m serveur; waitress f serveuse; lawyer mf avocat avocate; judge mf juge juge; engineer mf ingénieur ingénieure; pilot mf pilote pilote;
    singer mf chanteur chanteuse; writer mf écrivain écrivaine; painter mf peintre peintre; actor m acteur; actress f actrice; dancer mf danseur danseuse;
    musician mf musicien musicienne; scientist mf scientifique scientifique; soldier mf soldat soldate; police officer mf policier policière;
    firefighter m pompier; dentist mf dentiste dentiste; gardener mf jardinier jardinière; plumber m plombier; mechanic mf mécanicien mécanicienne;
    librarian mf bibliothécaire bibliothécaire; secretary mf secrétaire secrétaire; manager mf directeur directrice; journalist mf journaliste journaliste; photographer mf photographe photographe;
    butcher mf boucher bouchère; hairdresser mf coiffeur coiffeuse; worker mf ouvrier ouvrière; driver mf chauffeur chauffeuse; seller mf vendeur vendeuse; architect mf architecte architecte; artist mf artiste artiste;
    pharmacist mf pharmacien pharmacienne; sailor m marin; guard mf gardien gardienne; mayor mf maire maire; translator mf traducteur traductrice; vet mf vétérinaire vétérinaire; poet mf poète poète;
    tailor m tailleur; carpenter m menuisier; electrician mf électricien électricienne; guide mf guide guide; boss mf patron patronne; cashier mf caissier caissière; president mf président présidente; detective mf détective détective`,
  kin: `mother f mère; father m père; sister f sœur; brother m frère; grandmother f grand-mère; grandfather m grand-père; aunt f tante; uncle m oncle;
    daughter f fille; son m fils; wife f femme; husband m mari; cousin m cousin; niece f nièce; nephew m neveu; friend m ami`,
  pet: 'dog m chien; cat m chat; puppy m chiot; kitten m chaton; rabbit m lapin; hamster m *hamster; parrot m perroquet; turtle f tortue; bird m oiseau',
  farm: 'cow f vache; horse m cheval; sheep m mouton; goat f chèvre; pig m cochon; hen f poule; duck m canard; goose f oie; donkey m âne; rooster m coq; lamb m agneau; pony m poney; bull m taureau',
  wild: `lion m lion; tiger m tigre; bear m ours; wolf m loup; fox m renard; deer m cerf; elephant m éléphant; monkey m singe; snake m serpent; mouse f souris; rat m rat;
    squirrel m écureuil; giraffe f girafe; zebra m zèbre; camel m chameau; frog f grenouille; crocodile m crocodile; hedgehog m *hérisson; owl m *hibou; eagle m aigle`,
  sea: 'whale f baleine; dolphin m dauphin; shark m requin',
  small:
    'goldfish m poisson rouge; bee f abeille; ant f fourmi; spider f araignée; butterfly m papillon; fly f mouche; mosquito m moustique; snail m escargot; worm m ver',
  fruit: `apple f pomme; banana f banane; orange f orange; pear f poire; peach f pêche; plum f prune; lemon m citron; cherry f cerise; strawberry f fraise; melon m melon;
    pineapple m ananas; apricot m abricot; raspberry f framboise; grapefruit m pamplemousse; fig f figue`,
  vegetable: `potato f pomme de terre; tomato f tomate; carrot f carotte; onion m oignon; cucumber m concombre; cabbage m chou; mushroom m champignon; leek m poireau; bean m *haricot; pumpkin f citrouille; radish m radis; olive f olive;
    salad f salade; bell pepper m poivron; eggplant f aubergine; lettuce f~ laitue; spinach m% épinards; garlic m~ ail`,
  dish: `meat f~ viande; fish m~ poisson; rice m~ riz; soup f~ soupe; chicken m~ poulet; pasta f% pâtes; egg m œuf; sandwich m sandwich; pizza f pizza; omelet f omelette; sausage f saucisse; pancake f crêpe; cake m gâteau; pie f tarte; croissant m croissant; beef m~ bœuf; pork m~ porc; toast m~ pain grillé`,
  grocery: `bread m~ pain; cheese m~ fromage; ham m~ jambon; butter m~ beurre; honey m~ miel; jam f~ confiture; chocolate m~ chocolat; sugar m~ sucre; salt m~ sel; ice cream f~ glace; cookie m biscuit; candy m bonbon; yogurt m yaourt; flour f~ farine; cream f~ crème; fruit m fruit; vegetable m légume; nut f noix`,
  beverage: `water f~ eau; wine m~ vin; beer f~ bière; orange juice m~ jus d'orange; apple juice m~ jus de pomme; lemonade f~ limonade; champagne m~ champagne; cider m~ cidre`,
  brew: `milk m~ lait; tea m~ thé; coffee m~ café; hot chocolate m~ chocolat chaud`,
  portion: 'glass m verre; cup f tasse; bottle f bouteille; liter m litre',
  clothes: `shirt f chemise; dress f robe; skirt f jupe; coat m manteau; jacket f veste; hat m chapeau; scarf f écharpe; sweater m pull; tie f cravate; belt f ceinture; sock f chaussette; shoe f chaussure; boot f botte; glove m gant; raincoat m imperméable; suit m costume; cap f casquette; T-shirt m t-shirt`,
  vehicle:
    'car f voiture; bicycle m vélo; bike m vélo; truck m camion; motorcycle f moto; tractor m tracteur; van f camionnette',
  carrier: 'train m train; bus m bus; plane m avion; boat m bateau; taxi m taxi; ferry m ferry',
  furniture: `table f table; chair f chaise; bed m lit; sofa m canapé; desk m bureau; shelf f étagère; cupboard m placard; lamp f lampe; mirror m miroir; carpet m tapis; curtain m rideau; armchair m fauteuil; bench m banc; drawer m tiroir; clock f horloge; stool m tabouret; wardrobe f armoire; bookcase f bibliothèque`,
  machine:
    'computer m ordinateur; phone m téléphone; radio f radio; television f télévision; camera m appareil photo/appareils photo; washing machine f machine à laver; fridge m réfrigérateur; oven m four; printer f imprimante; vacuum cleaner m aspirateur; engine m moteur; watch f montre; screen m écran; elevator m ascenseur!',
  thing: `key f clé; umbrella m parapluie; ticket m billet; passport m passeport; pen m stylo; pencil m crayon; ring f bague; coin f pièce; ball m ballon; toy m jouet; doll f poupée; knife m couteau; fork f fourchette; spoon f cuillère; plate f assiette; bowl m bol; glass m verre; cup f tasse; candle f bougie; towel f serviette; soap m savon; brush f brosse; comb m peigne; blanket f couverture; pillow m oreiller; hammer m marteau; ladder f échelle; rope f corde; scissors m= ciseaux; glasses f= lunettes; photo f photo; card f carte; map f carte; notebook m cahier; stamp m timbre; present m cadeau; needle f aiguille; flag m drapeau; stick m bâton; pan f poêle; pot f casserole; kite m cerf-volant/cerfs-volants; necklace m collier; bell f cloche; wheel f roue`,
  vessel: `wallet m portefeuille; bag m sac; box f boîte; basket m panier; bottle f bouteille; suitcase f valise; backpack m sac à dos; bucket m seau; package m colis`,
  text: `book m livre; letter f lettre; newspaper m journal; novel m roman; poem m poème; story f histoire; magazine m magazine; article m article; message m message; email m e-mail; postcard f carte postale; dictionary m dictionnaire; report m rapport`,
  show: 'movie m film; play f pièce de théâtre; concert m concert; game m match; show m spectacle; documentary m documentaire',
  sound: 'song f chanson; music f~ musique; radio f radio!; story f histoire; noise m bruit',
  instrument:
    'piano m piano; guitar f guitare; violin m violon; flute f flûte; drums f~ batterie; trumpet f trompette; accordion m accordéon',
  sport:
    'soccer m~ football; tennis m~ tennis; basketball m~ basket; rugby m~ rugby; chess m% échecs; cards f% cartes; golf m~ golf; volleyball m~ volley; hide-and-seek m~ cache-cache',
  subject:
    'music f~ musique; history f~ histoire; mathematics f% mathématiques; geography f~ géographie; biology f~ biologie; physics f~ physique; chemistry f~ chimie; law m~ droit; medicine f~ médecine; philosophy f~ philosophie; art m~ art; literature f~ littérature',
  language:
    'English m~ anglais; French m~ français; Spanish m~ espagnol; German m~ allemand; Italian m~ italien; Chinese m~ chinois; Japanese m~ japonais; Russian m~ russe; Arabic m~ arabe; Portuguese m~ portugais; Dutch m~ néerlandais; Greek m~ grec',
  room: 'kitchen f cuisine; bedroom f chambre; bathroom f salle de bains; living room m salon; dining room f salle à manger; cellar f cave; garage m garage; attic m grenier; office m bureau; classroom f salle de classe; hallway m couloir',
  building: `house f maison; apartment m appartement; school f école; church f église; hospital m hôpital; hotel m hôtel; library f bibliothèque; museum m musée; restaurant m restaurant; bakery f boulangerie; theater m théâtre; castle m château; tower f tour; factory f usine; farm f ferme; bank f banque; store m magasin; supermarket m supermarché; station f gare; pharmacy f pharmacie; post office f poste; cathedral f cathédrale; palace m palais; airport m aéroport; café m café; bookstore f librairie; university f université; prison f prison; town hall f mairie; movie theater m cinéma; stadium m stade; swimming pool f piscine; market m marché`,
  place: `city f ville; village m village; street f rue; square f place; park m parc; garden m jardin; bridge m pont; road f route; beach f plage; forest f forêt; mountain f montagne; river f rivière; lake m lac; island f île; country m pays; field m champ; hill f colline; valley f vallée; port m port; desert m désert; path m chemin`,
  part: 'door f porte; window f fenêtre; wall m mur; roof m toit; gate m portail; stairs m= escaliers; floor m sol; balcony m balcon; chimney f cheminée; ceiling m plafond',
  opening:
    'door f porte; window f fenêtre; box f boîte; bottle f bouteille; suitcase f valise; drawer m tiroir; letter f lettre; book m livre; umbrella m parapluie; present m cadeau; bag m sac; gate m portail; curtain m rideau',
  switched:
    'light f lumière; radio f radio; television f télévision; computer m ordinateur; lamp f lampe; phone m téléphone; oven m four',
  nature:
    'tree m arbre; flower f fleur; leaf f feuille; star f étoile; sun m soleil!; moon f lune!; sky m ciel!; sea f mer!; cloud m nuage; plant f plante; rose f rose; tulip f tulipe; rock m rocher; bush m buisson; grass f~ herbe; wind m vent!; snow f~ neige; rain f~ pluie; sand m~ sable; island f île; wave f vague; oak m chêne',
  growing:
    'flower f fleur; rose f rose; tulip f tulipe; tomato f tomate; tree m arbre; carrot f carotte; potato f pomme de terre; vegetable m légume; bean m *haricot; strawberry f fraise',
  abstract:
    'question f question; answer f réponse; problem m problème; idea f idée; secret m secret; plan m plan; word m mot; lesson f leçon; exercise m exercice; mistake f erreur; rule f règle; exam m examen; dream m rêve; decision f décision; joke f blague; truth f vérité!; reason f raison; result m résultat',
  label: 'name m nom; number m numéro; address f adresse',
  event:
    'party f fête; wedding m mariage; meeting f réunion; trip m voyage; race f course; concert m concert; interview m entretien; lesson f leçon; picnic m pique-nique; journey m voyage; match m match; birthday m anniversaire; exam m examen; appointment m rendez-vous',
  body: 'head f tête; back m dos; stomach m ventre; throat f gorge; arm m bras; leg f jambe; foot m pied; hand f main; knee m genou; ear f oreille; shoulder f épaule; finger m doigt; tooth f dent; eye m œil',
  washable: 'hand f main; foot m pied; face m visage',
  ware: 'plate f assiette; cup f tasse; glass m verre; spoon f cuillère; window f fenêtre; car f voiture; shirt f chemise; floor m sol; vegetable m légume; dog m chien',
  money:
    'money m~ argent; time m~ temps; work m~ travail; luck f~ chance; courage m~ courage; patience f~ patience; energy f~ énergie',
  illness: 'fever f fièvre; cold m rhume',
  weekday:
    'Monday m lundi; Tuesday m mardi; Wednesday m mercredi; Thursday m jeudi; Friday m vendredi; Saturday m samedi; Sunday m dimanche',
  month:
    'January m janvier; February m février; March m mars; April m avril; May m mai; June m juin; July m juillet; August m août; September m septembre; October m octobre; November m novembre; December m décembre',
  season: 'spring m printemps; summer m été; autumn m automne; winter m hiver',
};

/** English, the preposition, French: "in France" is "en France", "in Japan" "au Japon". */
export const countries = `France en France; Germany en Allemagne; Italy en Italie; Spain en Espagne; Portugal au Portugal; Japan au Japon; China en Chine; Russia en Russie; Greece en Grèce;
  Poland en Pologne; Sweden en Suède; Norway en Norvège; Denmark au Danemark; Finland en Finlande; Turkey en Turquie; Egypt en Égypte; Mexico au Mexique; Brazil au Brésil; Argentina en Argentine; Chile au Chili; Peru au Pérou;
  England en Angleterre; Ireland en Irlande; Scotland en Écosse; Belgium en Belgique; Switzerland en Suisse; Austria en Autriche; Canada au Canada; Australia en Australie; India en Inde; Morocco au Maroc; Algeria en Algérie; Senegal au Sénégal; Vietnam au Vietnam; Africa en Afrique; Europe en Europe; Asia en Asie`;

export const cities = `Paris Paris; London Londres; Rome Rome; Berlin Berlin; Madrid Madrid; Tokyo Tokyo; New York New York; Chicago Chicago; Boston Boston; Vienna Vienne; Lisbon Lisbonne; Moscow Moscou; Athens Athènes; Venice Venise; Dublin Dublin; Prague Prague;
  Amsterdam Amsterdam; Istanbul Istanbul; Lyon Lyon; Marseille Marseille; Bordeaux Bordeaux; Geneva Genève; Brussels Bruxelles; Montreal Montréal; Barcelona Barcelone; Munich Munich; Toronto Toronto; Sydney Sydney; Oslo Oslo; Milan Milan; Edinburgh Édimbourg; Nice Nice; Toulouse Toulouse; Lille Lille`;

export const women = `Anna Emma Mary Sarah Alice Lucy Grace Julia Laura Helen Jane Kate Lily Maria Nora Olivia Rachel Rosa Sophie Susan Amy Clara Diana Ella Eva Hannah Iris Jenny Karen Linda Megan Nina Paula Ruth Sandra Tina Vera Wendy Zoe Amina Fatima
  Mei Yuki Priya Elena Ingrid Carmen Lena Molly Betty Carol Emily Jessica Lisa Nancy Barbara Elizabeth Margaret Chloe Victoria Daisy Ellen Martha Judy Leila Sonia Bella Ruby Stella Jasmine Beth Tara Maya Ada Joan Claire Abigail Marie Camille Louise Juliette Charlotte Manon Céline Isabelle Nathalie Valérie`;

export const men = `Tom John James David Paul Peter Mark Daniel Ben Sam Jack Henry George Robert Michael Adam Alex Andrew Charles Chris Edward Eric Frank Fred Harry Ian Jacob Kevin Leo Luke Martin Max Nick Oliver Oscar Patrick Philip Ray Simon Steve
  Thomas Tim Victor Walter William Ahmed Omar Carlos Diego Hiro Ivan Jamal Kenji Luis Marco Mateo Pablo Raj Wei Yusuf Albert Arthur Bill Brian Gary Howard Jim Joe Matthew Richard Roger Scott Toby Felix Hugo Noah Ethan Lucas Nathan Pierre Jean Louis Antoine Nicolas Julien Bruno Étienne François Gilles`;

export const surnames = `Baker Brown Carter Chen Clark Cooper Davis Evans Fisher Garcia Green Hall Harris Hill Jackson Johnson Jones Kim King Lee Lewis Lopez Martin Miller Moore Nelson Parker Patel Reed Roberts Smith Stone Taylor Turner Walker White Wilson Wood Wright Young
  Adams Allen Bell Bennett Cook Foster Gray Hughes Morgan Murphy Price Russell Scott Sanders Ward Watson Dubois Moreau Laurent Lefebvre Girard Bonnet Fontaine Rousseau Mercier Blanc`;
