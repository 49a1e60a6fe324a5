/** Every `.chat` file is a story that must hold, line by line. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { playChat } from '../support/chat.js';

const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.chat'))
  .sort();

describe('the stories', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)('%s', async (file) => {
    const faults = await playChat(readFileSync(path.join(__dirname, file), 'utf8'));
    expect(faults.join('\n')).toBe('');
  });
});
