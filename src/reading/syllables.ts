/**
 * How many syllables a French word has when it is said, by a few rules of spelling and no dictionary. It is right for
 * most words and wrong for some (« peuvent » counts a mute ending): fit for means, not for verse.
 */

const vowel = 'aeiouyàâäéèêëîïôöùûü';
const groups = new RegExp(`[${vowel}]+`, 'g');

/** Spellings where letters are not what they seem, in the order in which they are tried; `|` parts two syllables. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/œ/g, 'e'],
  [/qu/g, 'q'],
  [/g[ue](?=[aâàoeéèêi])/g, 'g'],
  // « essayer » is said « essai-ier ».
  [new RegExp(`(?<=[${vowel}])y(?=[${vowel}])`, 'g'), 'i|'],
  // A last mute « e » is silent, unless it is all that the word has.
  [new RegExp(`(?<=[${vowel}].*)es?$`), ''],
  [new RegExp(`é(?=[${vowel}])`, 'g'), 'é|'],
  [/(?<=[aeo])(?=[éèê])|(?<=[aeou])(?=[ïëü])/g, '|'],
  // « client », « oublier »: two consonants before it make « i » a syllable.
  [new RegExp(`(?<=[bcdfgptv][lr]i)(?=[${vowel}])`, 'g'), '|'],
];

/** Spoken syllables of a word, 1 at least. A number counts one for each digit, which is near what is said. */
export function syllablesOf(word: string): number {
  const digits = word.match(/\p{N}/gu)?.length ?? 0;
  if (digits > 0) return digits;
  return Math.max(1, word.toLowerCase().split(/[-'’.]/).reduce((sum, part) => sum + soundsOf(part), 0));
}

function soundsOf(part: string): number {
  const heard = spellings.reduce((spelt, [from, to]) => spelt.replace(from, to), part);
  return heard.match(groups)?.length ?? 0;
}
