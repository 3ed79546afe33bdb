// Adjectives by what they are said of. "<" marks those that stand before their noun in French. Written for this project.

export const adjectives = {
  size: 'big <grand; small <petit; large <grand; little <petit',
  age: 'old <vieux; new <nouveau',
  wear: 'new neuf; old <vieux',
  years: 'old <vieux; young <jeune',
  opinion: 'beautiful <beau; pretty <joli; good <bon; magnificent magnifique; strange étrange',
  looks: 'beautiful <beau; pretty <joli; ugly laid',
  colour:
    'red rouge; blue bleu; green vert; yellow jaune; black noir; white blanc; brown marron; gray gris; orange orange; pink rose; purple violet',
  fur: 'black noir; white blanc; brown marron; gray gris',
  character: `kind gentil; honest honnête; intelligent intelligent; brave courageux; polite poli; funny drôle; lazy paresseux; shy timide; patient patient; generous généreux; careful prudent; strict sévère; serious sérieux; famous célèbre; rich riche; poor pauvre; strong fort;
    selfish égoïste; curious curieux; discreet discret; elegant élégant; talented doué; calm calme; nice sympathique; optimistic optimiste; stubborn têtu; clumsy maladroit; creative créatif; active actif; modest modeste; loyal fidèle; jealous jaloux`,
  feeling: `happy heureux; sad triste; tired fatigué; angry en colère; sick malade; surprised surpris; worried inquiet; proud fier; nervous nerveux; ready prêt; busy occupé; alone seul; late en retard; disappointed déçu; jealous jaloux; excited excité; furious furieux; satisfied satisfait; lost perdu; awake réveillé; exhausted épuisé; relieved soulagé; sorry désolé; free libre; calm calme`,
  mood: 'happy heureux; sad triste; tired fatigué; angry en colère; worried inquiet; nervous nerveux; disappointed déçu; surprised surpris; proud fier; exhausted épuisé; furious furieux; relieved soulagé; sick malade; satisfied satisfait',
  figure:
    'tall grand; short petit; thin mince; blond blond; elegant élégant; strong fort; young jeune; old vieux',
  beast:
    'dangerous dangereux; wild sauvage; fast rapide; gentle doux; hungry affamé; curious curieux; quiet calme; strong fort; fat <gros; heavy lourd; sick malade; tired fatigué; intelligent intelligent',
  taste:
    'fresh frais; hot chaud; cold froid; sweet sucré; salty salé; delicious délicieux; bitter amer; excellent excellent; spicy épicé; good <bon; bad <mauvais',
  ripe: 'ripe mûr; fresh frais; sweet sucré; delicious délicieux; juicy juteux; rotten pourri; expensive cher',
  sip: 'cold froid; fresh frais; delicious délicieux; good <bon; excellent excellent; expensive cher',
  state:
    'broken cassé; clean propre; dirty sale; wet mouillé; dry sec; expensive cher; heavy lourd; light léger; empty vide; full plein; useful utile; modern moderne; round rond; long <long; cheap bon marché; precious précieux; fragile fragile; practical pratique; solid solide; square carré; thin mince; thick épais; narrow étroit; wide large; comfortable confortable',
  thing:
    'clean propre; dirty sale; expensive cher; useful utile; precious précieux; broken cassé; magnificent magnifique; small <petit; big <grand; beautiful <beau; pretty <joli',
  seat: 'comfortable confortable; broken cassé; modern moderne; heavy lourd; dirty sale; clean propre; expensive cher; round rond; solid solide; magnificent magnifique; practical pratique',
  device:
    'modern moderne; broken cassé; expensive cher; noisy bruyant; useful utile; practical pratique; big <grand; small <petit',
  garment:
    'clean propre; dirty sale; wet mouillé; dry sec; elegant élégant; expensive cher; warm chaud; comfortable confortable; torn déchiré; light léger',
  road: 'fast rapide; slow lent; dirty sale; clean propre; expensive cher; modern moderne; comfortable confortable; noisy bruyant; safe sûr; electric électrique; dangerous dangereux',
  tune: 'beautiful <beau; sad triste; strange étrange; long <long; soft doux; famous célèbre; magnificent magnifique',
  site: 'quiet calme; modern moderne; magnificent magnifique; empty vide; dark sombre; clean propre; famous célèbre; noisy bruyant; dangerous dangereux; small <petit; big <grand; beautiful <beau; pretty <joli; old <vieux; charming charmant; expensive cher; peaceful paisible; busy animé; lively animé; comfortable confortable; large <grand; cold froid',
  land: 'quiet calme; magnificent magnifique; dangerous dangereux; famous célèbre; peaceful paisible; wild sauvage; big <grand; small <petit; beautiful <beau; pretty <joli; old <vieux; charming charmant; distant lointain',
  open: 'open ouvert; closed fermé',
  notion:
    'interesting intéressant; difficult difficile; easy facile; important important; good <bon; bad <mauvais; simple simple; complicated compliqué; serious sérieux; strange étrange; brilliant brillant; surprising surprenant; terrible terrible; clear clair; perfect parfait; useful utile',
  plant:
    'beautiful <beau; tall <grand; green vert; dry sec; small <petit; magnificent magnifique; dead mort; old <vieux; white blanc; yellow jaune; red rouge',
  occasion:
    'long <long; short <court; interesting intéressant; boring ennuyeux; important important; good <bon; magnificent magnifique; unforgettable inoubliable; great <grand; beautiful <beau; perfect parfait; terrible terrible',
  easy: 'easy facile; difficult difficile; important important; dangerous dangereux; impossible impossible; possible possible; useful utile; interesting intéressant; necessary nécessaire; forbidden interdit; pleasant agréable',
  nationality:
    'French français; English anglais; Spanish espagnol; German allemand; Italian italien; Chinese chinois; Japanese japonais; Russian russe; Canadian canadien; American américain; Belgian belge; Swiss suisse; Portuguese portugais; Mexican mexicain; Irish irlandais; Greek grec; Brazilian brésilien; Moroccan marocain',
  hue: 'red rouge; green vert; yellow jaune',
  brewed: 'hot chaud; cold froid; delicious délicieux; good <bon; excellent excellent',
  fare: 'fresh frais; delicious délicieux; good <bon; bad <mauvais; excellent excellent; expensive cher',
  film: 'interesting intéressant; boring ennuyeux; long <long; short <court; funny drôle; sad triste; strange étrange; famous célèbre; excellent excellent; good <bon; bad <mauvais; exciting passionnant; incredible incroyable; romantic romantique',
  chamber:
    'clean propre; dirty sale; dark sombre; cold froid; comfortable confortable; magnificent magnifique; empty vide; quiet calme; small <petit; big <grand; beautiful <beau; pretty <joli',
  load: 'heavy lourd; light léger; empty vide; full plein; big <grand; small <petit; dirty sale; expensive cher; useful utile',
  day: 'warm chaud; cold froid; sunny ensoleillé; long <long; beautiful <beau; gray gris',
};
