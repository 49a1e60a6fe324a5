// The French words of the pictures of dialogs: what an author reads there that no dialog says. It draws nothing.
export const kinds = {
  say: 'Dit',
  choose: 'Fait choisir',
  ask: 'Demande',
  form: 'Formulaire',
  do: 'Agit',
  when: 'Selon',
  call: 'Appelle',
  handoff: 'Passe la main',
  end: 'Fin',
};

export const edges = {
  otherwise: 'sinon',
  exhausted: 'essais épuisés',
  unknown: 'je ne sais pas',
  answered: 'réponse lue',
  values: { true: 'oui', false: 'non' },
  and: '\u00A0· ',
};

export const picture = {
  start: 'Début',
  entry: (id) => `la fiche « ${id} »`,
  reader: (reader, slot) => `${reader} → {${slot}}`,
  describe: ({ title, steps, questions, ends }) =>
    `Le dialogue « ${title} » : ${steps} étapes, dont ${questions} qui ${questions > 1 ? 'attendent' : 'attend'} une réponse. Fins possibles : ${ends}.`,
};

export const index = {
  head: `# Les dialogues en images

Cette page est écrite par \`npm run draw:dialogs\` : ne la modifiez pas à la main. Pour écrire un dialogue, voyez le
[guide des auteurs](../guide-des-auteurs.md).

## Lire une image

On commence par « Début », et on suit les flèches. Chaque étape porte son nom, ce qu’elle fait et ses premiers mots.

| forme | ce que fait l’étape |
| --- | --- |
| bulle bleue, *Dit* | Sésame parle, puis continue |
| hexagone jaune, *Fait choisir* | des boutons ; chaque flèche porte le bouton qui y mène |
| parallélogramme orange, *Demande* | une question libre |
| feuille violette, *Formulaire* | des champs protégés, puis une action |
| cadre vert à deux barres, *Agit* | une action ; chaque flèche porte une façon dont elle peut finir |
| losange gris, *Selon* | la suite dépend de ce qui est déjà connu |
| double cadre turquoise, *Appelle* | un autre dialogue : dans l’image ouverte seule, on peut cliquer dessus |
| cadre rose épais, *Passe la main* | une personne est demandée |
| pastille sombre, *Fin* | le dialogue s’arrête, avec son résultat |

Un trait plein est le chemin ordinaire. Un trait en tirets est une autre issue : essais épuisés, « je ne sais pas », ou
« sinon », quand rien d’autre ne convient. Une seule flèche arrive à chaque étape, pour que les traits ne se croisent pas. Les
autres chemins sont écrits sous le texte : « Non merci → plus-tard » veut dire que ce choix mène à l’étape « plus-tard »,
ailleurs dans l’image. En italique, c’est une autre issue.

Les mots « annuler », « retour », « répéter », « recommencer » et « parler à un conseiller » marchent à chaque question :
ils ne sont pas dessinés.

## Sommaire
`,
  columns: ['dialogue', 'étapes', 'questions', 'fins', 'commence après', 'appelé par'],
  purpose: 'À quoi il sert',
  facts: ({ id, steps, questions, ends }) =>
    `Fichier \`dialogs/${id}.yaml\` · ${steps} étapes · ${questions === 0 ? 'aucune question' : `${questions} question${questions > 1 ? 's' : ''}`} · ${ends.length} ${ends.length > 1 ? 'fins' : 'fin'} : ${ends.map((end) => `\`${end}\``).join(', ')}`,
  see: (id) => `[Voir l’image en grand](${id}.svg)`,
  alt: (title) => `Schéma du dialogue « ${title} »`,
  none: '—',
};
