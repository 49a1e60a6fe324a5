/** Every story that needs no adviser reads the same on the page without JavaScript as it was said: texts, choices and fields. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { renderTalk } from '../../src/aide/talk.js';
import { aideTexts } from '../../src/aide/words.js';
import type { Reply } from '../../src/conversation/reply.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import { playChat } from '../support/chat.js';
import { read } from '../support/self-help.js';
import { content, World } from '../support/world.js';

const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.chat') && !/^Conseiller/m.test(readFileSync(path.join(__dirname, file), 'utf8')))
  .sort();

const setting = { texts: aideTexts.parse(content().aide), kiosk: false, talking: true };
const marks = { token: 'token', answerId: 'answer' };

/** Plays a story and gives back what was said in it. */
async function transcriptOf(file: string): Promise<readonly TranscriptEntry[]> {
  let said: readonly TranscriptEntry[] = [];
  const open = World.open.bind(World);
  const opening = jest.spyOn(World, 'open').mockImplementation(async () => {
    const world = await open();
    const close = world.close.bind(world);
    world.close = async () => {
      const id = world.log.find(({ event }) => event === 'turn.closed')?.fields['conversation'];
      said = await world.said(String(id));
      await close();
    };
    return world;
  });
  await playChat(readFileSync(path.join(__dirname, file), 'utf8'));
  opening.mockRestore();
  return said;
}

/** What a reply says, without its markup and whatever stands between its words. */
function wordsOf(reply: Reply): string {
  const text = reply.kind === 'text' ? reply.text : `${reply.title} ${reply.why}`;
  return squeezed(text.replace(/\[([^[\]]+)\]\([^()\s]+\)/g, '$1').replace(/\*\*/g, '').replace(/^\s*- +/gm, ''));
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, '');
}

/** What the page at this point of the conversation does not show and should, and the other way round. */
function differences(entries: readonly TranscriptEntry[]): string[] {
  const page = renderTalk(setting, { entries, before: [], marks });
  const turns = [...page.matchAll(/<li class="turn[^>]*>([^]*?)<\/div>\s*<\/li>|<li class="turn[^>]*>([^]*?<\/form>)\s*<\/li>/g)].map(([, one, form]) => squeezed(read(one ?? form ?? '')));
  const missing = entries.slice(-turns.length).flatMap((entry, at) => {
    const words = entry.author === 'person' ? squeezed(entry.text ?? entry.form ?? '') : entry.author === 'adviser' ? squeezed(entry.text) : wordsOf(entry.reply);
    return turns[at]?.includes(words) === true ? [] : [`not shown: ${words} but ${turns[at] ?? ''}`];
  });
  const last = entries.at(-1);
  const reply = last?.author === 'assistant' ? last.reply : undefined;
  const shown = [...page.matchAll(/<button name="dit" value="[^"]*">([^<]*)</g)].map(([, label]) => read(label ?? ''));
  const fields = [...page.matchAll(/<label for="champ-[^"]*">([^<]*)</g)].map(([, label]) => read(label ?? ''));
  const wanted = JSON.stringify([reply?.choices ?? [], reply?.kind === 'form' ? reply.fields.map(({ label }) => label) : fields]);
  const got = JSON.stringify([shown, fields]);
  return [...missing, ...(wanted === got ? [] : [`asked: ${wanted} but the page asks ${got}`])];
}

describe('on the page without JavaScript', () => {
  it('finds the stories', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(files)('%s', async (file) => {
    const said = await transcriptOf(file);
    expect(said.length).toBeGreaterThan(1);
    const ends = said.flatMap(({ author }, at) => (author === 'person' ? [at] : []));
    const found = [...ends.slice(1), said.length].flatMap((end) => differences(said.slice(0, end)));
    expect(found.join('\n')).toBe('');
  });
});
