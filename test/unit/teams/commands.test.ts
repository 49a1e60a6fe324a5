import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keepDraft } from '../../../src/drafts.js';
import { Channel, CHANNELS, TEXTS } from './channel.js';

const { commands, answers } = TEXTS;
const ROOT = `${CHANNELS['751'] ?? ''};messageid=1`;
const PRIVATE = 'a:private';

let channel: Channel;
beforeEach(async () => {
  channel = await Channel.open();
});
afterEach(() => channel.world.close());

const asks = (name: string, text: string, where = PRIVATE) => channel.does(name, where, { text });

describe('what advisers ask of Sésame', () => {
  it('gives the queue to supervisors, and to no one else', async () => {
    const { ticket, thread } = await channel.request('c');
    await channel.request('d');
    await channel.does('Camille', thread, channel.button('take', ticket.id));
    channel.world.clock.pass(7 * 60_000);
    const told = await asks('Inès', '<at>Sésame</at> État !', ROOT);
    expect(told).toContain('CPAM 751');
    expect(told?.match(/\d+/g)).toEqual(['751', '1', '7', '1', '2']);
    expect(await asks('Camille', 'état')).toBe(commands.state.forSupervisors);
  });

  it('notes who is there and who is not', async () => {
    await asks('Camille', 'disponible');
    await asks('Camille', 'Absent.');
    expect(channel.signs).toEqual(['available oid-camille', 'away oid-camille']);
  });

  it('takes a lone command in the thread of a request as such: the person does not read it', async () => {
    const { ticket, thread } = await channel.request();
    await channel.does('Camille', thread, channel.button('take', ticket.id));
    expect(await asks('Camille', 'aide', thread)).toBe(commands.help);
    await asks('Camille', 'aide en ligne : cliquez en bas.', thread);
    expect(await channel.heardBy()).toEqual(['aide en ligne : cliquez en bas.']);
  });

  it('answers from the knowledge with its sources and reasons, and says when there is nothing', async () => {
    expect(await asks('Camille', 'chercher la licorne')).toContain('la licorne');
    channel.found = [
      { title: 'Code', answer: 'Par courrier.', sources: ['https://www.ameli.fr/x'], reasons: ['mot commun : code'] },
      { title: 'Autre', answer: '', sources: [], reasons: [] },
    ];
    for (const words of ['chercher code', 'code']) {
      const told = await asks('Camille', words);
      for (const part of ['Code', 'Par courrier.', 'https://www.ameli.fr/x', 'mot commun : code', 'Autre']) expect(told).toContain(part);
    }
  });

  it('keeps a proposal as a draft, without what is personal and without its author', async () => {
    expect(await asks('Camille', 'proposer Il manque le cas du 2 55 08 14 168 025 38.')).toBe(commands.proposed);
    expect(await asks('Camille', 'proposer')).toBe(commands.proposeWhat);
    const files = readdirSync(channel.draftsFolder);
    expect(files).toHaveLength(1);
    const text = readFileSync(path.join(channel.draftsFolder, files[0]!), 'utf8');
    expect(text).toMatch(/state: draft\ncaisse: "751"/);
    expect(text).toContain('> Il manque le cas du');
    expect(text).not.toMatch(/168|camille/i);
  });

  it('says so when a proposal cannot be kept', async () => {
    const draft = { text: 'x', caisse: '751', at: 0 };
    await expect(keepDraft(draft, { folder: '/dev/null/drafts', clean: (text) => text })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('helps whoever says nothing', async () => {
    expect([await asks('Camille', '?'), await asks('Camille', '<at>Sésame</at>')]).toEqual([commands.help, commands.help]);
    expect(await asks('Camille', 'bla bla', ROOT)).toBe(answers.refused['wrong-thread']);
  });
});
