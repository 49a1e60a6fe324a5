import { createRecent } from '../../../src/sources/recent.js';

describe('what was proved a moment ago', () => {
  it('counts until its time and not at it', () => {
    const recent = createRecent<string>();
    recent.keep('token', 'Camille', 1_000);
    expect([recent.get('token', 999), recent.get('token', 1_000), recent.get('token', 999)]).toEqual(['Camille', undefined, undefined]);
  });

  it('knows nothing of what was never proved', () => {
    expect(createRecent<string>().get('another', 0)).toBeUndefined();
  });

  it('lets the first go where it would hold too many', () => {
    const recent = createRecent<number>(2);
    [1, 2, 3].forEach((value) => { recent.keep(String(value), value, 10); });
    expect(['1', '2', '3'].map((key) => recent.get(key, 0))).toEqual([undefined, 2, 3]);
  });
});
