// When and how often: phrases by the tense that they go with; what may open a sentence. Written for this project.

export const times = {
  habit: `every [day] = tous LES [jours]; every [morning] = tous LES [matins]; every [evening] = tous LES [soirs]; every [week] = toutes LES [semaines]; every [month] = tous LES [mois]; every [year] = tous LES [ans]; in the [morning] = LE [matin]; in the [evening] = LE [soir]; in the [afternoon] = l'[après-midi]; on [Mondays] = LE [lundi]; on [Tuesdays] = LE [mardi]; on [Wednesdays] = LE [mercredi]; on [Thursdays] = LE [jeudi]; on [Fridays] = LE [vendredi]; on [Saturdays] = LE [samedi]; on [Sundays] = LE [dimanche]; every [summer] = chaque [été]; every [winter] = chaque [hiver]; in [summer] = en [été]; in [winter] = en [hiver]; once a [week] = une fois par [semaine]; twice a [month] = deux fois par [mois]; at [night] = la [nuit]; on [weekends] = LE [week-end]`,
  now: `[now] = [maintenant]; [today] = [aujourd'hui]; this [morning] = ce [matin]; this [evening] = ce [soir]; at the [moment] = en ce [moment]; this [week] = cette [semaine]`,
  past: `[yesterday] = [hier]; yesterday [morning] = hier [matin]; yesterday [evening] = hier [soir]; [last] [night] = [hier] [soir]; [1:last] [2:week] = LA [2:semaine] [1:dernière]; [1:last] [2:month] = LE [2:mois] [1:dernier]; [1:last] [2:year] = l'[2:année] [1:dernière]; [1:last] [2:summer] = l'[2:été] [1:dernier]; [1:last] [2:winter] = l'[2:hiver] [1:dernier]; this [morning] = ce [matin]; [two] [days] ago = il y a [deux] [jours]; [three] [weeks] ago = il y a [trois] [semaines]; an [hour] ago = il y a une [heure]; a [month] ago = il y a un [mois]; [five] [minutes] ago = il y a [cinq] [minutes]; [ten] [years] ago = il y a [dix] [ans]; on [Monday] = [lundi]; on [Tuesday] = [mardi]; on [Friday] = [vendredi]; on [Saturday] = [samedi]; on [Sunday] = [dimanche]; [1:last] [2:Sunday] = [2:dimanche] [1:dernier]; [1:last] [2:Thursday] = [2:jeudi] [1:dernier]; the [day before yesterday] = [avant-hier]; in [January] = en [janvier]; in [July] = en [juillet]; in [April] = en [avril]`,
  future: `[tomorrow] = [demain]; tomorrow [morning] = demain [matin]; tomorrow [evening] = demain [soir]; tomorrow [afternoon] = demain [après-midi]; [1:next] [2:week] = LA [2:semaine] [1:prochaine]; [1:next] [2:month] = LE [2:mois] [1:prochain]; [1:next] [2:year] = l'[2:année] [1:prochaine]; [1:next] [2:summer] = l'[2:été] [1:prochain]; this [evening] = ce [soir]; [tonight] = ce [soir]; this [afternoon] = cet [après-midi]; on [Monday] = [lundi]; on [Wednesday] = [mercredi]; on [Saturday] = [samedi]; on [Sunday] = [dimanche]; [1:next] [2:Friday] = [2:vendredi] [1:prochain]; [1:next] [2:Tuesday] = [2:mardi] [1:prochain]; in [two] [days] = dans [deux] [jours]; in an [hour] = dans une [heure]; in [three] [months] = dans [trois] [mois]; in a [week] = dans une [semaine]; [soon] = [bientôt]; [one] [day] = [un] [jour]; in [May] = en [mai]; in [September] = en [septembre]; in [August] = en [août]; the [day after tomorrow] = [après-demain]; [later] = plus [tard]`,
};

/** How often: before the verb in English, after it in French, within a compound tense. */
export const frequencies = `often souvent; sometimes parfois; always toujours; rarely rarement`;
export const perfects = 'already déjà; often souvent; always toujours';

/** How; "<" stands right after the French finite verb. */
export const manners = {
  well: 'well <bien; badly <mal; very well <très bien',
  lot: 'a lot <beaucoup; too much <trop; a little <un peu',
  fast: 'quickly rapidement; fast <vite',
  slow: 'slowly lentement',
  loud: 'loudly fort; softly doucement',
  early: 'early tôt; very early très tôt; too early trop tôt',
  late: 'late tard; very late très tard; too late trop tard',
  together: 'together ensemble',
};

export const degrees = 'very très; too trop; a little un peu; really vraiment';

export const numbers = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30];
