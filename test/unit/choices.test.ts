import { content, ears } from '../support/world.js';

/** Every label that a standing message offers outside a dialog: pressing it says it, so it must be understood. */
const offered = Object.entries(content().messages).flatMap(([key, { choices = [] }]) => choices.map((label) => [key, label] as const));

describe('the choices of standing messages', () => {
  it.each(offered)('%s offers « %s », which is understood', (_key, label) => {
    const { kind, command } = ears().understand(label);
    expect([kind, command]).not.toEqual(['none', undefined]);
    expect(kind === 'answer' || command !== undefined).toBe(true);
  });

  it('lead to the subject that they name', () => {
    const entryOf = (label: string): string | null => ears().understand(label).entry;
    expect(entryOf('Mon compte est bloqué')).toBe('compte-bloque-tentatives');
    expect(entryOf('J’ai oublié mon mot de passe')).toBe('mot-de-passe-oublie');
    expect(entryOf('Je ne reçois pas mon code')).toBe('code-provisoire');
    expect(entryOf('Je n’ai plus accès à mon e-mail')).toBe('email-obsolete');
    expect(entryOf('Parler à un conseiller')).toBe('contact-cpam');
  });

  it('titles of entries, offered as « did you mean », lead back to their entry', () => {
    const wrong = [...content().entries.values()].filter(({ id, title }) => ears().understand(title).entry !== id).map(({ id }) => id);
    expect(wrong).toEqual([]);
  });
});
