/** Which address a request comes from: spoofed chains of proxies, and every way to write an address. */
import { clientOf } from '../../../src/sources/hops.js';
import { liesIn, nameOf, rangeOf, readAddress, readNetwork, type Network } from '../../../src/sources/address.js';

const PROXIES = ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.1'].map((text) => readNetwork(text)!);
const seen = (socket: string | undefined, forwarded: string | string[] | undefined, trusted: readonly Network[] = PROXIES): string | undefined => {
  const client = clientOf({ socket, forwarded }, trusted);
  return client && nameOf(client);
};
const named = (text: string): string => nameOf(readAddress(text)!);

describe('I07: a chain of proxies', () => {
  const me = '198.51.100.7';
  it.each<[string, string, string | string[] | undefined, string]>([
    ['is not read where nobody but the client speaks', me, '1.1.1.1', me],
    ['is not read from a proxy that is not ours', '11.0.0.1', '1.1.1.1, 10.0.0.1', '11.0.0.1'],
    ['is read from our proxy', '10.0.0.1', me, me],
    ['loses what the client made up', '10.0.0.1', `1.1.1.1, ${me}`, me],
    ['loses made-up hops that look like ours', '10.0.0.1', `1.1.1.1, 10.0.0.9, ${me}`, me],
    ['passes through two of ours', '10.0.0.1', `1.1.1.1, ${me}, 10.2.3.4`, me],
    ['passes through a proxy given by its address', '192.0.2.1', me, me],
    ['stops at its neighbour', '192.0.2.2', me, '192.0.2.2'],
    ['passes through IPv6', '2001:db8:ffff::1', '2001:db8:1::5, 10.9.9.9', '2001:db8:1::5'],
    ['knows our proxy when it is written as IPv6', '::ffff:10.0.0.1', me, me],
    ['knows a client written as IPv6', '10.0.0.1', `::ffff:${me}`, me],
    ['bears ports, brackets, zones and spaces', '10.0.0.1', ` [2001:db8:1::5%eth0]:443 ,  10.1.1.1:80 `, '2001:db8:1::5'],
    ['may come in several headers', '10.0.0.1', ['1.1.1.1', me], me],
    ['ends at what is no address', '10.0.0.1', `${me}, unknown`, '10.0.0.1'],
    ['ends at garbage behind a second proxy', '10.0.0.1', `${me}, <script>, 10.0.0.2`, '10.0.0.2'],
    ['ends at a name', '10.0.0.1', 'localhost', '10.0.0.1'],
    ['may be empty', '10.0.0.1', '', '10.0.0.1'],
    ['may be missing', '10.0.0.1', undefined, '10.0.0.1'],
    ['may be commas', '10.0.0.1', ',,,', '10.0.0.1'],
    ['may hold nobody but us', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('%s', (_, socket, forwarded, expected) => {
    expect(seen(socket, forwarded)).toBe(named(expected));
  });

  it('is never believed where no proxy is configured', () => {
    expect(seen('10.0.0.1', me, [])).toBe(named('10.0.0.1'));
  });

  it('gives nobody for a connection that is gone', () => {
    expect(seen(undefined, me)).toBeUndefined();
  });

  it('of a thousand hops costs no more than a short one, and still ends at ours', () => {
    expect(seen('10.0.0.1', `${'1.1.1.1, '.repeat(1_000)}${me}`)).toBe(named(me));
    expect(seen('10.0.0.1', `${me}, ${Array<string>(1_000).fill('10.0.0.2').join(', ')}`)).toBe(named('10.0.0.2'));
  });
});

describe('an address', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4:65535'],
    ['1.2.3.4', '::ffff:1.2.3.4'],
    ['1.2.3.4', '::ffff:102:304'],
    ['1.2.3.4', '[::ffff:1.2.3.4]:80'],
    ['2001:db8::1', '2001:0DB8:0000:0:0:0:0:0001'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['fe80::1', 'fe80::1%eth0'],
    ['64:ff9b::102:304', '64:ff9b::1.2.3.4'],
    ['::1', '0:0:0:0:0:0:0:1'],
  ])('%s is also %s', (one, other) => {
    expect(named(other)).toBe(named(one));
  });

  it.each(['', ' ', 'localhost', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '0x7f.1', '1.2.3.4:', '[1.2.3.4', '2001:db8::1::2', ':::', '1.2.3.4, 5.6.7.8', '²', 'a'.repeat(10_000)])('is not "%s"', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  it('tells IPv4 from the same number in IPv6', () => {
    expect(named('::102:304')).not.toBe(named('1.2.3.4'));
  });
});

describe('a range', () => {
  const same = (one: string, other: string): boolean => rangeOf(readAddress(one)!) === rangeOf(readAddress(other)!);

  it('is a /24 in IPv4 and a /64 in IPv6', () => {
    expect(same('203.0.113.1', '203.0.113.254')).toBe(true);
    expect(same('203.0.113.255', '203.0.114.0')).toBe(false);
    expect(same('2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe(true);
    expect(same('2001:db8:1:2::1', '2001:db8:1:3::1')).toBe(false);
    expect(same('203.0.113.1', '::ffff:203.0.113.9')).toBe(true);
    // The same leading number, in another family.
    expect(same('0.0.0.1', '::1')).toBe(false);
  });
});

describe('a network', () => {
  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.6', false],
    ['203.0.113.128/25', '203.0.113.127', false],
    ['2001:db8::/32', '2001:db8:9::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/32', '32.1.13.184', false],
  ])('%s and %s: %s', (network, address, inside) => {
    expect(liesIn(readAddress(address)!, readNetwork(network)!)).toBe(inside);
  });
});
