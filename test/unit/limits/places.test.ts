/** Places in all and by address: what is given back can be taken again, and once only. */
import { Places, type Leave } from '../../../src/limits/places.js';

const from = (address: string, crowd: 'ordinary' | 'large' | 'free' = 'ordinary') => ({ address, range: address, crowd });
const take = (places: Places, times: number, place?: ReturnType<typeof from>): (Leave | 'full' | 'crowded')[] => Array.from({ length: times }, () => places.take(place));
const leaves = (found: readonly (Leave | 'full' | 'crowded')[]): Leave[] => found.filter((one) => typeof one === 'function');

describe('places', () => {
  it('are so many for an address, so many times more where many share it, and not counted for whoever is free', () => {
    const places = new Places({ total: 1_000, perAddress: 3 });
    expect(leaves(take(places, 5, from('a')))).toHaveLength(3);
    expect(places.take(from('a'))).toBe('crowded');
    expect(leaves(take(places, 50, from('office', 'large')))).toHaveLength(30);
    expect(leaves(take(places, 50, from('here', 'free')))).toHaveLength(50);
    expect(leaves(take(places, 50))).toHaveLength(50);
    expect(places.take(from('b'))).toEqual(expect.any(Function));
  });

  it('are so many in all, for everybody', () => {
    const places = new Places({ total: 4, perAddress: 3 });
    expect(leaves([...take(places, 3, from('a')), ...take(places, 3, from('b'))])).toHaveLength(4);
    expect([places.take(from('c')), places.take(from('here', 'free')), places.take(undefined)]).toEqual(['full', 'full', 'full']);
  });

  it('are free again once, however often they are given back', () => {
    const places = new Places({ total: 4, perAddress: 2 });
    const [one] = leaves(take(places, 2, from('a')));
    for (let times = 0; times < 5; times += 1) one?.();
    expect(places.size).toBe(1);
    expect(leaves(take(places, 5, from('a')))).toHaveLength(1);
  });
});
