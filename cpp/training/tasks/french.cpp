#include "training/tasks/french.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace limelight::training {
namespace {

enum class Kind { person, animal, thing, food };

struct Noun {
  std::string_view one, many;
  std::string_view un, des;  ///< in French
  bool feminine;
  Kind kind;
};
constexpr Noun kNouns[] = {
    {"man", "men", "homme", "hommes", false, Kind::person},
    {"woman", "women", "femme", "femmes", true, Kind::person},
    {"girl", "girls", "fille", "filles", true, Kind::person},
    {"child", "children", "enfant", "enfants", false, Kind::person},
    {"cat", "cats", "chat", "chats", false, Kind::animal},
    {"bird", "birds", "oiseau", "oiseaux", false, Kind::animal},
    {"horse", "horses", "cheval", "chevaux", false, Kind::animal},
    {"house", "houses", "maison", "maisons", true, Kind::thing},
    {"car", "cars", "voiture", "voitures", true, Kind::thing},
    {"tree", "trees", "arbre", "arbres", false, Kind::thing},
    {"school", "schools", "école", "écoles", true, Kind::thing},
    {"apple", "apples", "pomme", "pommes", true, Kind::food},
    {"orange", "oranges", "orange", "oranges", true, Kind::food},
    {"cake", "cakes", "gâteau", "gâteaux", false, Kind::food},
};

struct Adjective {
  std::string_view english;
  std::string_view masculine, before_vowel, feminine, masculines, feminines;
  bool first;   ///< stands before the noun
  bool living;  ///< of people and animals; else, where it is not first, of all but people
};
constexpr Adjective kAdjectives[] = {
    {"big", "grand", "grand", "grande", "grands", "grandes", true, false},
    {"small", "petit", "petit", "petite", "petits", "petites", true, false},
    {"beautiful", "beau", "bel", "belle", "beaux", "belles", true, false},
    {"old", "vieux", "vieil", "vieille", "vieux", "vieilles", true, false},
    {"black", "noir", "noir", "noire", "noirs", "noires", false, false},
    {"white", "blanc", "blanc", "blanche", "blancs", "blanches", false, false},
    {"red", "rouge", "rouge", "rouge", "rouges", "rouges", false, false},
    {"happy", "heureux", "heureux", "heureuse", "heureux", "heureuses", false, true},
    {"tired", "fatigué", "fatigué", "fatiguée", "fatigués", "fatiguées", false, true},
};

/// What a verb may act on; `owned` is all but people.
enum class Object { none, food, living, owned, any };

struct Verb {
  std::string_view base, third, particle;  ///< "look", "looks", "for"
  std::string_view je, tu, il, nous, ils;  ///< the forms that go with these
  Object object;
  bool pronoun = false;   ///< the object may be a pronoun
  bool definite = false;  ///< nobody says "je n'aime pas de chat"
};
constexpr Verb kVerbs[] = {
    {"see", "sees", "", "vois", "vois", "voit", "voyons", "voient", Object::any, true},
    {"like", "likes", "", "aime", "aimes", "aime", "aimons", "aiment", Object::any, true, true},
    {"have", "has", "", "ai", "as", "a", "avons", "ont", Object::owned},
    {"look", "looks", "for", "cherche", "cherches", "cherche", "cherchons", "cherchent", Object::any, true},
    {"listen", "listens", "to", "écoute", "écoutes", "écoute", "écoutons", "écoutent", Object::living, true},
    {"eat", "eats", "", "mange", "manges", "mange", "mangeons", "mangent", Object::food},
    {"sleep", "sleeps", "", "dors", "dors", "dort", "dormons", "dorment", Object::none},
    {"sing", "sings", "", "chante", "chantes", "chante", "chantons", "chantent", Object::none},
    {"arrive", "arrives", "", "arrive", "arrives", "arrive", "arrivons", "arrivent", Object::none},
};
constexpr Verb kBe = {"are", "is", "", "suis", "es", "est", "sommes", "sont", Object::none};

enum Person { je, tu, il, nous, ils };
struct Pronoun {
  std::string_view english, french;
  Person person;
  bool feminine;
};
constexpr Pronoun kSubjects[] = {{"I", "je", je, false},      {"you", "tu", tu, false},
                                 {"he", "il", il, false},     {"she", "elle", il, true},
                                 {"we", "nous", nous, false}, {"they", "ils", ils, false}};
constexpr Pronoun kObjects[] = {
    {"him", "le", il, false}, {"her", "la", il, true}, {"them", "les", ils, false}};

/// French forms are of what follows: gender, and whether it starts with a vowel. Of the plural there is one.
struct Determiner {
  std::string_view one, many;  ///< empty: there is none
  std::string_view masculine, masculine_vowel, feminine, feminine_vowel, plural;
};
/// What an indefinite article is in a noun phrase: after a negation "any" or "a", and in French "de".
enum class Indefinite { usual, negated, none };
constexpr Determiner kDeterminers[] = {
    {"a", "some", "un", "un", "une", "une", "des"},
    {"the", "the", "le", "l'", "la", "l'", "les"},
    {"this", "these", "ce", "cet", "cette", "cette", "ces"},
    {"my", "my", "mon", "mon", "ma", "mon", "mes"},
    {"", "two", "", "", "", "", "deux"},
};
constexpr const Determiner& kIndefinite = kDeterminers[0];

// Meanings are numbered: those of no list, then the lists one after the other.
constexpr Meaning kDeterminer = 0, kSubject = 1, kNot = 2, kNothing = 3, kBeing = 4, kFirstNoun = 5;
constexpr Meaning kFirstAdjective = kFirstNoun + static_cast<Meaning>(std::size(kNouns));
constexpr Meaning kFirstVerb = kFirstAdjective + static_cast<Meaning>(std::size(kAdjectives));

template <class T, std::size_t n>
Meaning place_in(const T (&list)[n], const T& entry) {
  return static_cast<Meaning>(&entry - list);
}
Meaning meaning(const Noun& noun) {
  return kFirstNoun + place_in(kNouns, noun);
}
Meaning meaning(const Adjective& adjective) {
  return kFirstAdjective + place_in(kAdjectives, adjective);
}
Meaning meaning(const Verb& verb) {
  return &verb == &kBe ? kBeing : kFirstVerb + place_in(kVerbs, verb);
}

template <std::size_t n>
bool starts_with(std::string_view word, const std::string_view (&starts)[n]) {
  return std::any_of(starts, starts + n, [&](std::string_view start) { return word.starts_with(start); });
}
constexpr std::string_view kEnglishVowels[] = {"a", "e", "i", "o", "u"};

/// Whether there is elision before a French word: vowels, and h, which is mute in every word here.
bool starts_with_vowel(std::string_view word) {
  constexpr std::string_view kStarts[] = {"a", "e", "i", "o", "u", "h", "é"};
  return starts_with(word, kStarts);
}

bool chance(Random& random, int64_t percent) {
  return random.below(100) < percent;
}

template <class T, std::size_t n>
const T& any_of(Random& random, const T (&list)[n]) {
  return list[random.below(n)];
}

/// One of a list that `fits`.
template <class T, std::size_t n, class F>
const T& one_that(Random& random, const T (&list)[n], F&& fits) {
  for (;;) {
    const T& found = any_of(random, list);
    if (fits(found)) return found;
  }
}

bool living(const Noun& noun) {
  return noun.kind == Kind::person || noun.kind == Kind::animal;
}

bool fits(const Adjective& adjective, const Noun& noun) {
  return adjective.first || (adjective.living ? living(noun) : noun.kind != Kind::person);
}

bool fits(Object object, const Noun& noun) {
  switch (object) {
    case Object::none:
      return false;
    case Object::food:
      return noun.kind == Kind::food;
    case Object::living:
      return living(noun);
    case Object::owned:
      return noun.kind != Kind::person;
    case Object::any:
      return true;
  }
  return false;
}

std::string_view form(const Adjective& a, bool feminine, bool plural, bool vowel) {
  if (feminine) return plural ? a.feminines : a.feminine;
  return plural ? a.masculines : vowel ? a.before_vowel : a.masculine;
}

std::string_view form(const Verb& verb, Person person) {
  const std::string_view forms[] = {verb.je, verb.tu, verb.il, verb.nous, verb.ils};
  return forms[person];
}

/// Writes a sentence in both languages.
class Writer {
 public:
  Writer(Random& random, SentencePair& pair) : random_(random), pair_(pair) {}

  void sentence() {
    const bool negated = chance(random_, 35);
    if (chance(random_, 50)) {
      subject_ = any_of(random_, kSubjects);
      english(subject_.english, kSubject);
    } else {
      const Noun& noun = one_that(random_, kNouns, living);
      const bool plural = chance(random_, 40);
      subject_ = {"", "", plural ? ils : il, noun.feminine};
      subject_noun_ = &noun;
      noun_phrase(noun, plural, chance(random_, 15) ? 2 : chance(random_, 45) ? 1 : 0, Indefinite::usual);
    }
    if (chance(random_, 25)) {
      being(negated);
    } else {
      acting(any_of(random_, kVerbs), negated);
    }
  }

 private:
  void english(std::string_view text, Meaning meaning) { pair_.english.push_back({text, meaning}); }
  void french(std::string_view text, Meaning meaning) { pair_.french.push_back({text, meaning}); }

  void noun_phrase(const Noun& noun, bool plural, int adjectives, Indefinite article) {
    const Adjective *first = nullptr, *last = nullptr;
    for (int i = 0; i < adjectives; ++i) {
      const Adjective& found = one_that(random_, kAdjectives, [&](const Adjective& adjective) {
        return fits(adjective, noun) && !(adjective.first ? first : last);
      });
      (found.first ? first : last) = &found;
    }
    const Determiner& determiner = one_that(random_, kDeterminers, [&](const Determiner& d) {
      return (plural || !d.one.empty()) && (article != Indefinite::none || &d != &kIndefinite);
    });
    const bool indefinite = &determiner == &kIndefinite, without = article == Indefinite::negated;
    const std::string_view english_next = first    ? first->english
                                          : last   ? last->english
                                          : plural ? noun.many
                                                   : noun.one;

    if (indefinite && !plural) {
      english(starts_with(english_next, kEnglishVowels) ? "an" : "a", kDeterminer);
    } else if (indefinite && without) {
      english("any", kDeterminer);
    } else {
      english(plural ? determiner.many : determiner.one, kDeterminer);
    }
    for (const Adjective* adjective : {first, last}) {
      if (adjective) english(adjective->english, meaning(*adjective));
    }
    english(plural ? noun.many : noun.one, meaning(noun));

    const std::string_view noun_form = plural ? noun.des : noun.un;
    const std::string_view before =
        first ? form(*first, noun.feminine, plural, starts_with_vowel(noun_form)) : std::string_view();
    const bool vowel = starts_with_vowel(first ? before : noun_form);
    if (indefinite && (without || (plural && first))) {
      french(vowel ? "d'" : "de", kDeterminer);
    } else if (plural) {
      french(determiner.plural, kDeterminer);
    } else if (noun.feminine) {
      french(vowel ? determiner.feminine_vowel : determiner.feminine, kDeterminer);
    } else {
      french(vowel ? determiner.masculine_vowel : determiner.masculine, kDeterminer);
    }
    if (first) french(before, meaning(*first));
    french(noun_form, meaning(noun));
    if (last) french(form(*last, noun.feminine, plural, false), meaning(*last));
  }

  /// The subject's pronoun and what stands between it and `next`: je, ne, both short before a vowel.
  void start(bool negated, std::string_view next) {
    const bool vowel = starts_with_vowel(next);
    if (!subject_.french.empty()) {
      french(subject_.person == je && vowel && !negated ? "j'" : subject_.french, kSubject);
    }
    if (negated) french(vowel ? "n'" : "ne", kNot);
  }

  /// "is not", in French with the adjective that goes with the subject.
  void being(bool negated) {
    const Adjective& adjective = one_that(random_, kAdjectives, [&](const Adjective& a) {
      return subject_noun_ ? fits(a, *subject_noun_) : a.first || a.living;
    });
    const bool plural = subject_.person == nous || subject_.person == ils;
    english(subject_.person == je ? "am" : subject_.person == il ? kBe.third : kBe.base, kBeing);
    if (negated) english("not", kNot);
    english(adjective.english, meaning(adjective));

    start(negated, form(kBe, subject_.person));
    french(form(kBe, subject_.person), kBeing);
    if (negated) french("pas", kNot);
    french(form(adjective, subject_.feminine, plural, false), meaning(adjective));
  }

  void acting(const Verb& verb, bool negated) {
    const bool third = subject_.person == il;
    if (negated) {
      english(third ? "does" : "do", kNothing);
      english("not", kNot);
    }
    english(third && !negated ? verb.third : verb.base, meaning(verb));
    if (!verb.particle.empty()) english(verb.particle, kNothing);

    const std::string_view verb_form = form(verb, subject_.person);
    const bool pronoun = verb.pronoun && chance(random_, 20);
    if (pronoun) {
      const Pronoun& object = any_of(random_, kObjects);
      english(object.english, kDeterminer);
      const std::string_view short_form =
          object.person == il && starts_with_vowel(verb_form) ? "l'" : object.french;
      start(negated, short_form);
      french(short_form, kDeterminer);
    } else {
      start(negated, verb_form);
    }
    french(verb_form, meaning(verb));
    if (negated) french("pas", kNot);
    if (pronoun || verb.object == Object::none) return;
    const Noun& noun = one_that(random_, kNouns, [&](const Noun& n) { return fits(verb.object, n); });
    noun_phrase(noun, chance(random_, 40), chance(random_, 40) ? 1 : 0,
                verb.definite ? Indefinite::none
                : negated     ? Indefinite::negated
                              : Indefinite::usual);
  }

  Random& random_;
  SentencePair& pair_;
  Pronoun subject_ = {};  ///< without words where the subject is a noun, the next
  const Noun* subject_noun_ = nullptr;
};

void add_once(std::vector<Word>& words, std::string_view text, Meaning meaning) {
  const auto same = [&](const Word& word) { return word.text == text; };
  if (!text.empty() && std::none_of(words.begin(), words.end(), same)) words.push_back({text, meaning});
}

}  // namespace

SentencePair all_words() {
  SentencePair all;
  const auto english = [&](std::string_view text, Meaning meaning) { add_once(all.english, text, meaning); };
  const auto french = [&](std::string_view text, Meaning meaning) { add_once(all.french, text, meaning); };
  for (const Determiner& d : kDeterminers) {
    for (std::string_view text : {d.one, d.many}) english(text, kDeterminer);
    for (std::string_view text : {d.masculine, d.masculine_vowel, d.feminine, d.feminine_vowel, d.plural}) {
      french(text, kDeterminer);
    }
  }
  for (std::string_view text : {"an", "any"}) english(text, kDeterminer);
  for (std::string_view text : {"de", "d'"}) french(text, kDeterminer);
  for (const Pronoun& pronoun : kObjects) {
    english(pronoun.english, kDeterminer);
    french(pronoun.french, kDeterminer);
  }
  for (const Pronoun& pronoun : kSubjects) {
    english(pronoun.english, kSubject);
    french(pronoun.french, kSubject);
  }
  french("j'", kSubject);
  for (std::string_view text : {"do", "does"}) english(text, kNothing);
  english("not", kNot);
  for (std::string_view text : {"ne", "n'", "pas"}) french(text, kNot);
  const auto add_verb = [&](const Verb& verb) {
    for (std::string_view text : {verb.base, verb.third}) english(text, meaning(verb));
    english(verb.particle, kNothing);
    for (std::string_view text : {verb.je, verb.tu, verb.il, verb.nous, verb.ils}) {
      french(text, meaning(verb));
    }
  };
  english("am", kBeing);
  add_verb(kBe);
  for (const Verb& verb : kVerbs) add_verb(verb);
  for (const Noun& noun : kNouns) {
    for (std::string_view text : {noun.one, noun.many}) english(text, meaning(noun));
    for (std::string_view text : {noun.un, noun.des}) french(text, meaning(noun));
  }
  for (const Adjective& a : kAdjectives) {
    english(a.english, meaning(a));
    for (std::string_view text : {a.masculine, a.before_vowel, a.feminine, a.masculines, a.feminines}) {
      french(text, meaning(a));
    }
  }
  return all;
}

SentencePair draw_sentence(Random& random) {
  SentencePair pair;
  Writer(random, pair).sentence();
  return pair;
}

}  // namespace limelight::training
