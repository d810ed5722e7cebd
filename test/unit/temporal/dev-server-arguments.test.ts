import { expect, it } from '@jest/globals';
import { serverArguments } from '../../../temporal/dev-server-arguments';

const PLACE = { ip: '127.0.0.1', port: 7233, uiPort: 8233, namespace: 'default' };

it('a server with a database file overwrites what is deleted there, and flushes what it acknowledges', () => {
  const args = serverArguments(PLACE, { dbFile: '/data/temporal.db', searchAttributes: {} }).join(' ');
  expect(args).toContain('--sqlite-pragma secure_delete=ON');
  expect(args).toContain('--sqlite-pragma synchronous=FULL');
});
