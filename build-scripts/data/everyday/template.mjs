// Templates of English text, and what fills them while noting who is meant by what.
//
//   [red|blue|dark [green|gray]]   one of several; an empty one is allowed: "[very |]"
//   {p:woman}                      a new entity p of the list "woman", mentioned by name or noun
//   {the n=train_station}          a new entity that is a certain noun
//   {p}  {the n}                   p mentioned again
//   {the old:age n:tree.s}         words before a noun: determiners, adjectives of a list; .s makes it plural, .q plural
//                                  where it can be counted; "a" becomes "an" or "some" as the noun asks
//   {I} {you} {we}                 always known; {you.his} is "your"
//   {p's} {p:man's}                a possessive
//   {p.he} .him .his .own .self    pronouns of p, by its gender and number
//   {p~be} {n~run}                 a verb in the present that agrees with p ("was" in the past)
//   {p>home.ed} {p>x:home.ing}     p does something out of the list of activities "home"; forms: none, s, ed, ing, en
//   {p>x.ed}                       the same thing that x was
//   {:weather}                     one of a list of phrases, which are templates themselves
//   {x:size.er} .est               an adjective compared
//   a/b   a!p   a=p                either list; of a gender other than p's; of p's gender
//   {p&q~be} {p&q.he} {p&q>home}   both, after "{p} and {q}"
//
// In an activity, @ is who does it (elsewhere it is p). What is chosen in a phrase or an activity stays what it is when it
// is said again. A literal "a" becomes "an" where it has to.

import {
  article,
  compared,
  participle,
  past,
  plural,
  possessive,
  progressive,
  thirdPerson,
} from './morphology.mjs';

// ------------------------------------------------------------------------------------------------------- parsing

const kItem = /^([\w@&]*)(?::([\w@/!=-]+))?(?:=(\w+))?(?:\.(\w+))?$/;
const kParsed = new Map();

/** A template as a list of texts, { choices } and { slot }; parsed once. */
export function parse(template) {
  let nodes = kParsed.get(template);
  if (!nodes) {
    const reader = { template, at: 0 };
    nodes = parseUntil(reader, '');
    if (reader.at < template.length) throw new Error(`Unmatched bracket in "${template}".`);
    kParsed.set(template, nodes);
  }
  return nodes;
}

function parseUntil(reader, stops) {
  const nodes = [];
  let text = '';
  const flush = () => {
    if (text) nodes.push(text.replace(/[.!?] +[a-z]/g, (found) => found.toUpperCase()));
    text = '';
  };
  while (reader.at < reader.template.length) {
    const character = reader.template[reader.at];
    if (stops.includes(character)) break;
    if (character === ']') throw new Error(`Unmatched bracket in "${reader.template}".`);
    ++reader.at;
    if (character === '[') {
      flush();
      const choices = [];
      do {
        choices.push(parseUntil(reader, '|]'));
      } while (reader.template[reader.at++] === '|');
      if (reader.template[reader.at - 1] !== ']')
        throw new Error(`Unclosed bracket in "${reader.template}".`);
      nodes.push({ choices });
    } else if (character === '{') {
      flush();
      const end = reader.template.indexOf('}', reader.at);
      if (end < 0) throw new Error(`Unclosed brace in "${reader.template}".`);
      nodes.push(parseSlot(reader.template.slice(reader.at, end), reader.template));
      reader.at = end + 1;
    } else {
      text += character;
    }
  }
  flush();
  return nodes;
}

function parseSlot(text, template) {
  const agreement = /^([\w@&]+)~(\w+)$/.exec(text);
  if (agreement) return { slot: 'agreement', who: agreement[1], verb: agreement[2] };
  const activity = /^([\w@&]+)>(?:(\w+):)?([\w/-]+)(?:\.(\w+))?$/.exec(text);
  if (activity)
    return { slot: 'activity', who: activity[1], name: activity[2], list: activity[3], form: activity[4] };
  const items = text.split(' ').map((word) => {
    const possessed = word.endsWith("'s");
    const found = kItem.exec(possessed ? word.slice(0, -2) : word);
    if (!found) throw new Error(`No slot: {${text}} in "${template}".`);
    return {
      name: found[1],
      type: found[2],
      noun: found[3]?.replaceAll('_', ' '),
      form: possessed ? "'s" : found[4],
    };
  });
  return { slot: 'phrase', items, source: `{${text}} in "${template}"` };
}

// ----------------------------------------------------------------------------------------------------- entities

const kPronouns = {
  f: { he: 'she', him: 'her', his: 'her', own: 'hers', self: 'herself' },
  m: { he: 'he', him: 'him', his: 'his', own: 'his', self: 'himself' },
  n: { he: 'it', him: 'it', his: 'its', own: 'its', self: 'itself' },
  they: { he: 'they', him: 'them', his: 'their', own: 'theirs', self: 'themselves' },
  I: { he: 'I', him: 'me', his: 'my', own: 'mine', self: 'myself' },
  we: { he: 'we', him: 'us', his: 'our', own: 'ours', self: 'ourselves' },
  you: { he: 'you', him: 'you', his: 'your', own: 'yours', self: 'yourself' },
};

/** Verbs whose forms for agreement are listed: first person, third person, others. */
const kAgreement = {
  be: ['am', 'is', 'are'],
  was: ['was', 'was', 'were'],
};

function pronounKind(entity) {
  if (entity.person) return entity.person;
  return entity.many ? 'they' : entity.gender;
}

function agreeing(verb, entity) {
  const kind = pronounKind(entity);
  const listed = kAgreement[verb];
  if (listed) return listed[kind === 'I' ? 0 : 'fmn'.includes(kind) ? 1 : 2];
  return 'fmn'.includes(kind) ? thirdPerson(verb) : verb;
}

// ------------------------------------------------------------------------------------------------------- filling

/** One text being written: its characters, who was mentioned where, and the labels that follow from it. */
export class Scene {
  text = '';
  /** { kind: 'pronoun' | 'agreement' | 'name' | 'noun', at: [start, end], of: [start, end] } */
  labels = [];
  #lexicon;
  #random;
  #used = new Set();
  #always = new Map(['I', 'you', 'we'].map((name) => [name, { name, person: name }]));
  #names = new Map();
  #began = 0; // where the last template began

  /** `lexicon` has lists by their names: { kind, entries }. */
  constructor(lexicon, random) {
    this.#lexicon = lexicon;
    this.#random = random;
  }

  /** Writes one template behind what there is; a `fresh` one knows nobody from before. */
  write(template, { fresh = false } = {}) {
    if (fresh) this.#names = new Map();
    if (this.text && !/\s$/.test(this.text)) this.text += ' ';
    this.#began = this.text.length;
    this.#fill(parse(template), { names: this.#names, chosen: new Map() });
    this.text = this.text.trimEnd();
    return this;
  }

  #fill(nodes, scope) {
    for (const node of nodes) {
      if (typeof node === 'string') this.#add(node);
      else if (node.choices)
        this.#fill(
          this.#remembered(scope, node, () => this.#random.pick(node.choices)),
          scope,
        );
      else if (node.slot === 'agreement') this.#agree(node.verb, this.#entity(node.who, scope));
      else if (node.slot === 'activity') this.#act(node, scope);
      else this.#phrase(node, scope);
    }
  }

  #remembered(scope, node, make) {
    if (!scope.keeps) return make();
    let known = scope.chosen.get(node);
    if (known === undefined) {
      known = make();
      scope.chosen.set(node, known);
    }
    return known;
  }

  /** Appends words, with a capital where a sentence begins; gives their place. */
  #add(words) {
    if (/(^|[\s"])a $/i.test(this.text.slice(-4)) && article(words) === 'an')
      this.text = `${this.text.slice(0, -1)}n `;
    const start = this.text.length;
    const begins =
      start === this.#began ||
      /[.][")]*\s+["(]*$|[!?]\s+["(]*$|\n["(]*$|(^|[,:.!?]["')]*\s)"$/.test(this.text.slice(-6));
    this.text += begins ? words.charAt(0).toUpperCase() + words.slice(1) : words;
    return [start, this.text.length];
  }

  #known(name, scope) {
    const found = scope.names.get(name) ?? scope.outer?.get(name) ?? this.#always.get(name);
    if (found) return found;
    if (name === '@') return this.#known('p', scope);
    return name.includes('&') ? this.#pair(name, scope) : undefined;
  }

  /** "p&q": both, where they stand as "p and q". */
  #pair(name, scope) {
    const [p, q] = name.split('&').map((one) => this.#entity(one, scope));
    const full = [p.full[0], q.full[1]];
    const pair = { many: true, gender: 'n', full, last: full };
    scope.names.set(name, pair);
    return pair;
  }

  #entity(name, scope) {
    const found = this.#known(name, scope);
    if (!found) throw new Error(`Nobody is called "${name}" in "${this.text}".`);
    return found;
  }

  #act({ who, name, list, form }, scope) {
    const subject = this.#entity(who, scope);
    // {p>x.ed} says x again; {p>home.ed} is something new.
    let deed = name === undefined ? scope.names.get(list) : undefined;
    if (!deed?.words) {
      const words = this.#choose(list.replace(/[^/]+/g, 'do-$&'), scope);
      deed = { words, names: new Map(), chosen: new Map() };
      if (name !== undefined) scope.names.set(name, deed);
    }
    const [verb, ...rest] = deed.words;
    deed.names.set('@', subject);
    if (form === 's') this.#agree(verb, subject);
    else if (form === 'ed' && verb === 'be') this.#agree('was', subject);
    else this.#add(kForms[form ?? 'base'](verb));
    this.#fill(rest, { names: deed.names, chosen: deed.chosen, keeps: true, outer: scope.names });
  }

  #agree(verb, subject) {
    const at = this.#add(agreeing(verb, subject));
    if (subject.last) this.labels.push({ kind: 'agreement', at, of: subject.last });
  }

  #phrase(node, scope) {
    const { items } = node;
    // An article depends on the word after it: what follows is rendered first, and where it starts is known then.
    const parts = items.map((item) => this.#part(item, node, scope));
    if (items.length > 1 && items[0].name === 'a' && !items[0].type) {
      const noun = parts.at(-1).entity;
      parts[0].text = noun?.many || noun?.mass ? 'some' : article(parts[1].text);
    }
    if (parts.at(-1).entity?.many && kNear[items[0].name]) parts[0].text = kNear[items[0].name];
    parts.forEach((part, i) => {
      if (i > 0) this.text += ' ';
      if (part.nodes) this.#fill(part.nodes, part.scope);
      else this.#mention(part, this.#add(part.text));
    });
  }

  #mention({ entity, pronoun, text, suffix = '', kind }, at) {
    if (suffix) this.text += suffix;
    if (!entity) return;
    if (entity.person) {
      entity.last = at;
      return;
    }
    if (pronoun) {
      if (entity.full) this.labels.push({ kind: 'pronoun', at, of: entity.full });
    } else {
      if (entity.first && entity.said === text) this.labels.push({ kind, at, of: entity.first });
      entity.first ??= at;
      entity.said ??= text;
      entity.full = at;
    }
    entity.last = at;
  }

  #part(item, node, scope) {
    const { name, type, noun, form } = item;
    if (noun !== undefined) {
      const holder = { noun, gender: 'n', many: form === 's' };
      scope.names.set(name, holder);
      return this.#said(holder);
    }
    if (type === undefined) {
      const known = this.#known(name, scope);
      if (known) return this.#said(known, form, node);
      if (node.items.length === 1 || (name.length === 1 && name !== 'a') || form)
        throw new Error(`Nobody is called "${name}": ${node.source}.`);
      return { text: name };
    }
    const made = this.#remembered(scope, item, () => this.#new(type, form, scope));
    if (name && made.holder) scope.names.set(name, made.holder);
    return made;
  }

  /** A new entity, adjective or phrase out of a list. */
  #new(type, form, scope) {
    const { kind } = this.#lexicon.list(type, (name) => this.#entity(name, scope));
    const entry = this.#choose(type, scope);
    if (kind === 'phrase')
      return {
        nodes: entry,
        scope: { names: new Map(), chosen: new Map(), keeps: true, outer: scope.names },
        holder: undefined,
      };
    if (kind === 'adjective') {
      const holder = { adjective: entry };
      return { ...this.#said(holder, form), holder };
    }
    const holder = { ...entry };
    if (holder.gender === 'any') holder.gender = this.#random.chance(0.5) ? 'f' : 'm';
    if (form === 's' || (form === 'q' && !holder.mass)) holder.many = true;
    return { ...this.#said(holder, form === "'s" ? form : undefined), holder };
  }

  #said(entity, form, node) {
    if (entity.adjective !== undefined) {
      const [er, est] = form ? compared(entity.adjective) : [];
      return { text: form === 'er' ? er : form === 'est' ? est : entity.adjective };
    }
    if (form && form !== "'s" && kPronouns.f[form])
      return { entity, pronoun: true, text: kPronouns[pronounKind(entity)][form] };
    if (form && form !== "'s" && form !== 's' && form !== 'one')
      throw new Error(`No form .${form}: ${node?.source}.`);
    const many = form === 's' || (entity.many && form !== 'one');
    const text = many && entity.noun && !entity.plural ? plural(entity.noun) : (entity.name ?? entity.noun);
    const suffix = form === "'s" ? possessive(text).slice(text.length) : '';
    return { entity, text, suffix, kind: entity.name ? 'name' : 'noun' };
  }

  /** An entry of a list that this text does not have yet, where the list has one. */
  #choose(type, scope) {
    const { kind, entries } = this.#lexicon.list(type, (name) => this.#entity(name, scope));
    let entry = this.#random.pick(entries);
    if (kind !== 'phrase' && kind !== 'activity') {
      for (let tries = 0; tries < 8 && this.#used.has(keyOf(entry)); ++tries)
        entry = this.#random.pick(entries);
      this.#used.add(keyOf(entry));
    }
    return entry;
  }
}

const kNear = { this: 'these', that: 'those' };

const keyOf = (entry) => entry.name ?? entry.noun ?? entry;

const kForms = { base: (verb) => verb, ed: past, ing: progressive, en: participle };
