/** The markup of replies as HTML: what is markup, and that nothing else ever becomes any. */
import fc from 'fast-check';
import { aideTexts, drawText, html } from '../../../src/aide/words.js';
import { content } from '../../support/world.js';

describe('the markup of a reply', () => {
  it.each([
    ['un\ndeux\n\ntrois', '<p>un<br>deux</p><p>trois</p>'],
    ['avant\n- un\n- **deux**', '<p>avant</p><ul><li>un</li><li><strong>deux</strong></li></ul>'],
    ['[ameli](https://www.ameli.fr)', '<p><a href="https://www.ameli.fr">ameli</a></p>'],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    ['[x](https://vous@ailleurs.example)', '<p>[x](https://vous@ailleurs.example)</p>'],
    ['2 < 3 & "oui"', '<p>2 &#60; 3 &#38; &#34;oui&#34;</p>'],
  ])('draws %j', (text, wanted) => {
    expect(drawText(text).source.replace(/\n/g, '')).toBe(wanted);
  });

  it('makes no element but its own of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '*', '[', ']', '(', ')', '-', ' ', '\n', 'a', 'https://a.example') }), (text) => {
        const left = drawText(text).source.replace(/<\/?(p|ul|li|strong|br|a)( href="https:[^"<>']*")?>/g, '');
        expect(left).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('escapes every value of a template that is not HTML of ours', () => {
    expect(html`<p title="${'"<'}">${html`<b>${'&'}</b>`}</p>`.source).toBe('<p title="&#34;&#60;"><b>&#38;</b></p>');
  });
});

describe('the texts of the page', () => {
  it('have the shape that the page needs', () => {
    expect(aideTexts.safeParse(content().aide).error).toBeUndefined();
  });

  it('are refused without the place to be filled', () => {
    const broken = { ...aideTexts.parse(content().aide), entry: { sources: 'a', review: 'sans date', print: 'b', ask: 'c' } };
    expect(aideTexts.safeParse(broken).error?.issues.map(({ path }) => path.join('.'))).toEqual(['entry.review']);
  });
});
