import { describe, expect, it } from '@jest/globals';
import { accountKey, BrevoAccounts } from '../../../brevo/accounts';

describe('integrations with the same API key', () => {
  const accounts = new BrevoAccounts({ baseUrl: 'https://api.brevo.com/v3', requestsPerSecond: 10 });

  it('share client, budget and attributes', () => {
    expect(accounts.of('xkeysib-a')).toBe(accounts.of('xkeysib-a'));
    expect(accounts.of('xkeysib-b').budget).not.toBe(accounts.of('xkeysib-a').budget);
  });

  it('are told apart by a short hash that does not show the key', () => {
    expect(accountKey('xkeysib-a')).toMatch(/^[0-9a-f]{12}$/);
    expect(accountKey('xkeysib-a')).not.toBe(accountKey('xkeysib-b'));
  });

  it('all end when the accounts are closed', async () => {
    const { client } = accounts.of('xkeysib-a');
    accounts.close();
    await expect(client.getContact({ kind: 'ext_id', value: '1' })).rejects.toThrow(/closed/);
  });
});
