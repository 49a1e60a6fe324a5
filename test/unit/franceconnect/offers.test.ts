import { onOffer } from '../../../src/offers.js';
import { renderPassage, type PassageNotice } from '../../../src/site/pages.js';
import { pageTexts } from '../../../src/site/texts.js';
import { content } from '../../support/world.js';

/** Labels of every option of the dialog that checks who it is, by step. */
function options(offered: readonly string[]): readonly string[] {
  const steps = onOffer(content().dialogs, offered).get('verify-identity')?.steps;
  return [...(steps?.values() ?? [])].flatMap((step) => ('options' in step ? step.options.map(({ label }) => `${step.id}: ${label}`) : []));
}

describe('what is on offer', () => {
  it('shows FranceConnect where it is configured, and no option that leads to it elsewhere', () => {
    const [all, without] = [options(['identity.begin-franceconnect']), options([])];
    const missing = all.filter((one) => !without.includes(one));
    expect(missing).toContain('identite: Continuer avec FranceConnect');
    expect(missing.every((one) => /FranceConnect|nouveau lien/.test(one))).toBe(true);
    expect(without.filter((one) => one.startsWith('identite:')).length).toBeGreaterThan(0);
  });
});

describe('the pages around FranceConnect', () => {
  const texts = pageTexts.parse(content().pages);
  const notices: readonly PassageNotice[] = ['before', 'back', 'expired', 'used', 'stranger', 'unknown', 'trouble'];

  it.each(notices)('lead back from « %s », without a script', (notice) => {
    const home = renderPassage({ texts, notice, back: 'home' });
    const aide = renderPassage({ texts, notice, back: 'aide' });
    expect(home).toContain('href="/"');
    expect(aide).toContain('href="/aide/conversation#last"');
    expect(`${home}${aide}`).not.toContain('<script');
  });

  it('let no number and no address become markup', () => {
    const page = renderPassage({ texts, notice: 'before', back: 'home', onward: { url: '/x?a=1&b="><img src=x>', number: '<img src=x>' } });
    expect(page).not.toContain('<img');
  });
});
