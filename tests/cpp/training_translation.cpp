// The small English and its French, against what a French teacher would write.
#include <map>
#include <set>

#include "training_examples.hpp"

using namespace limelight::training;
using training_tasks::Examples;

namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (char letter : text) {
    if (letter == ' ') {
      words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  return words;
}

bool starts_with_vowel(const std::string& word) {
  const std::set<std::string> vowels = {"a", "e", "i", "o", "u", "é", "h"};
  return vowels.contains(word.substr(0, 1)) || vowels.contains(word.substr(0, 2));
}

/// A piece of English and what it has to be in French; ^ is the start of a sentence, $ its end.
struct Piece {
  const char *english, *french;
};
constexpr Piece kPieces[] = {
    // Whole sentences: persons, negation, elision, objects that are pronouns.
    {"^ the cat sleeps $", "^ le chat dort $"},
    {"^ the woman is happy $", "^ la femme est heureuse $"},
    {"^ the men are tired $", "^ les hommes sont fatigués $"},
    {"^ I am not happy $", "^ je ne suis pas heureux $"},
    {"^ you are beautiful $", "^ tu es beau $"},
    {"^ she is beautiful $", "^ elle est belle $"},
    {"^ we are beautiful $", "^ nous sommes beaux $"},
    {"^ they are not old $", "^ ils ne sont pas vieux $"},
    {"^ she is not old $", "^ elle n' est pas vieille $"},
    {"^ I arrive $", "^ j' arrive $"},
    {"^ I do not arrive $", "^ je n' arrive pas $"},
    {"^ you do not sleep $", "^ tu ne dors pas $"},
    {"^ we sing $", "^ nous chantons $"},
    {"^ they sleep $", "^ ils dorment $"},
    {"^ I like her $", "^ je l' aime $"},
    {"^ I do not like him $", "^ je ne l' aime pas $"},
    {"^ he sees her $", "^ il la voit $"},
    {"^ he does not see her $", "^ il ne la voit pas $"},
    {"^ we look for them $", "^ nous les cherchons $"},
    {"^ we do not listen to them $", "^ nous ne les écoutons pas $"},
    {"^ you listen to him $", "^ tu l' écoutes $"},
    // Determiners before consonants, vowels and a silent h, in both genders and numbers.
    {"^ this man", "^ cet homme"},
    {"^ this horse", "^ ce cheval"},
    {"^ this girl", "^ cette fille"},
    {"^ these birds", "^ ces oiseaux"},
    {"^ the child", "^ l' enfant"},
    {"^ the girl", "^ la fille"},
    {"^ a woman", "^ une femme"},
    {"^ some children", "^ des enfants"},
    {"^ two women", "^ deux femmes"},
    {"the school $", "l' école $"},
    {"my school $", "mon école $"},
    {"my house $", "ma maison $"},
    {"my trees $", "mes arbres $"},
    {"has an orange $", "a une orange $"},
    // Adjectives: before or after, agreement, special forms before a vowel, "de" before them in the plural.
    {"^ the old man", "^ le vieil homme"},
    {"^ the old cat", "^ le vieux chat"},
    {"^ the old woman", "^ la vieille femme"},
    {"^ the beautiful bird", "^ le bel oiseau"},
    {"^ the big birds", "^ les grands oiseaux"},
    {"^ this beautiful child", "^ ce bel enfant"},
    {"^ the black cat", "^ le chat noir"},
    {"^ the white horses", "^ les chevaux blancs"},
    {"^ a happy woman", "^ une femme heureuse"},
    {"^ the tired girls", "^ les filles fatiguées"},
    {"^ some small cats", "^ de petits chats"},
    {"^ some black cats", "^ des chats noirs"},
    {"my big school $", "ma grande école $"},
    {"the white house $", "la maison blanche $"},
    {"the red car $", "la voiture rouge $"},
    // A negation takes the indefinite article away.
    {"not have a car $", "pas de voiture $"},
    {"not eat an apple $", "pas de pomme $"},
    {"not eat any oranges $", "pas d' oranges $"},
    {"not see a bird $", "pas d' oiseau $"},
    {"not eat the cake $", "pas le gâteau $"},
};

/// Calls f(English, French) for many sentences, with ^ and $ around them.
template <class F>
void on_sentences(int64_t count, F&& f) {
  const auto task = training_tasks::make(R"({"name": "translation"})");
  for (const Split split : {Split::training, Split::held_out}) {
    const Examples examples(*task, split, count, 1);
    for (int64_t row = 0; row < count; row++) {
      f("^ " + examples.source_text(row) + " $", "^ " + examples.target_text(row) + " $");
    }
  }
}

}  // namespace

TEST_CASE("the French is that of a list of pieces, all of which come") {
  std::map<std::string, int> found;
  on_sentences(60'000, [&](const std::string& english, const std::string& french) {
    for (const Piece& piece : kPieces) {
      const std::size_t at = english.find(piece.english);
      // Not the start of another word.
      const char after =
          at == std::string::npos ? 'x' : (english + ' ')[at + std::string(piece.english).size()];
      if (after != ' ') continue;
      found[piece.english]++;
      CAPTURE(english);
      CAPTURE(french);
      CHECK(french.find(piece.french) != std::string::npos);
    }
  });
  for (const Piece& piece : kPieces) {
    CAPTURE(piece.english);
    CHECK(found[piece.english] > 0);
  }
}

TEST_CASE("a sentence has one translation") {
  std::map<std::string, std::string> french_of;
  on_sentences(20'000, [&](const std::string& english, const std::string& french) {
    CAPTURE(english);
    CHECK(french_of.emplace(english, french).first->second == french);
  });
  CHECK(french_of.size() > 10'000);
}

TEST_CASE("there is elision before vowels and nowhere else") {
  const std::set<std::string> elided = {"l'", "n'", "j'", "d'"}, whole = {"la", "ne", "je", "de", "ma"},
                              before_vowels = {"cet", "bel", "vieil"}, before_others = {"le", "ce", "beau"};
  std::map<std::string, int> found;
  on_sentences(20'000, [&](const std::string&, const std::string& french) {
    CAPTURE(french);
    const std::vector<std::string> words = words_of(french);
    for (std::size_t i = 0; i + 1 < words.size(); i++) {
      found[words[i]]++;
      if (elided.contains(words[i]) || before_vowels.contains(words[i]))
        CHECK(starts_with_vowel(words[i + 1]));
      if (whole.contains(words[i]) || before_others.contains(words[i]))
        CHECK(!starts_with_vowel(words[i + 1]));
    }
  });
  for (const std::set<std::string>& words : {elided, whole, before_vowels, before_others}) {
    for (const std::string& word : words) {
      CAPTURE(word);
      CHECK(found[word] > 0);
    }
  }
}

TEST_CASE("a negation is not in English, and ne or n' and pas around the verb in French") {
  int negations = 0;
  on_sentences(5'000, [&](const std::string& english, const std::string& french) {
    CAPTURE(french);
    const bool negated = english.find(" not ") != std::string::npos;
    negations += negated;
    const std::vector<std::string> words = words_of(french);
    const auto pas = std::ranges::find(words, "pas");
    const auto ne =
        std::ranges::find_if(words, [](const std::string& word) { return word == "ne" || word == "n'"; });
    CHECK((pas != words.end()) == negated);
    CHECK((ne != words.end()) == negated);
    if (!negated) return;
    const bool pronoun = std::set<std::string>{"le", "la", "les", "l'"}.contains(ne[1]);
    CHECK(pas - ne == (pronoun ? 3 : 2));
  });
  CHECK(negations > 2'000);
}

TEST_CASE("every word is aligned with the one that it translates, in order where it comes twice") {
  const std::map<std::string, std::set<std::string>> dictionary = {{"chat", {"cat"}},
                                                                   {"chats", {"cats"}},
                                                                   {"femmes", {"women"}},
                                                                   {"enfant", {"child"}},
                                                                   {"oiseaux", {"birds"}},
                                                                   {"maison", {"house"}},
                                                                   {"noir", {"black"}},
                                                                   {"noires", {"black"}},
                                                                   {"bel", {"beautiful"}},
                                                                   {"heureuse", {"happy"}},
                                                                   {"voit", {"see", "sees"}},
                                                                   {"avons", {"have"}},
                                                                   {"cherche", {"look", "looks"}},
                                                                   {"est", {"is"}},
                                                                   {"pas", {"not"}},
                                                                   {"ne", {"not"}},
                                                                   {"n'", {"not"}},
                                                                   {"j'", {"I"}},
                                                                   {"elle", {"she"}},
                                                                   {"une", {"a", "an"}},
                                                                   {"cet", {"this"}},
                                                                   {"mes", {"my"}},
                                                                   {"deux", {"two"}},
                                                                   {"le", {"the", "him"}},
                                                                   {"la", {"the", "her"}},
                                                                   {"les", {"the", "them"}},
                                                                   {"de", {"a", "an", "any", "some"}}};
  const auto task = training_tasks::make(R"({"name": "translation"})");
  const Examples examples(*task, Split::training, 5'000, 4);
  std::set<std::string> found;
  for (int64_t row = 0; row < examples.rows(); row++) {
    const std::vector<std::string> english = words_of(examples.source_text(row)),
                                   french = words_of(examples.target_text(row));
    CAPTURE(examples.source_text(row));
    CAPTURE(examples.target_text(row));
    const int32_t* places = examples.place_row(row);
    std::map<std::string, int32_t> before;
    for (std::size_t i = 0; i < french.size(); i++) {
      REQUIRE(places[i] >= 0);
      REQUIRE(places[i] < std::ssize(english));
      const std::string& translated = english[static_cast<std::size_t>(places[i])];
      if (before.contains(french[i])) CHECK(before[french[i]] < places[i]);
      before[french[i]] = places[i];
      const auto known = dictionary.find(french[i]);
      if (known == dictionary.end()) continue;
      found.insert(french[i]);
      CHECK(known->second.contains(translated));
    }
    for (int64_t i = std::ssize(french); i < task->shape().length; i++) CHECK(places[i] == -1);
  }
  CHECK(found.size() == dictionary.size());
}
