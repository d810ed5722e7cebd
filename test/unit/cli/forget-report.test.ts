import { describe, expect, test } from '@jest/globals';
import type { ForgottenFiles } from '../../../cli/forget/files';
import { forgetText, heldText, isAnythingHeld, leftovers } from '../../../cli/forget/report';
import type { ForgottenContact } from '../../../client';

const NO_FILES: ForgottenFiles = { guards: 0, reportLines: 0, workLines: 0, sealed: [] };

function contact(rest: Partial<ForgottenContact> = {}): ForgottenContact {
  return {
    integration: 'shop',
    contactKey: 'k',
    workflowId: 'consent-sync/shop/k',
    workflows: 2,
    failures: 0,
    unwrittenWithdrawals: [],
    deleted: 2,
    left: 0,
    ...rest,
  };
}
const text = (contacts: ForgottenContact[], files = NO_FILES) =>
  forgetText(contacts, files, leftovers(contacts, files));

describe('what forget tells', () => {
  test('is how much was deleted, where', () => {
    const files = { ...NO_FILES, guards: 1, reportLines: 3, workLines: 2 };
    expect(text([contact({ failures: 1 })], files)).toMatchInlineSnapshot(`
"shop: 2 runs of its workflow deleted, with what was held or rejected
resyncs on this machine: 3 report lines, 1 known guard and 2 lines of work files deleted
Brevo is left as it is, and so are backups and logs."
`);
  });

  test('is that nothing is held, where nothing is', () => {
    const nobody = [contact({ workflows: 0, deleted: 0 })];
    expect(isAnythingHeld(nobody, NO_FILES)).toBe(false);
    expect(text(nobody)).toBe('Nothing is held of this contact.');
    expect(leftovers(nobody, NO_FILES)).toEqual([]);
  });

  test.each<[string, Partial<ForgottenContact>, Partial<ForgottenFiles>, RegExp]>([
    [
      'an unwritten withdrawal',
      { waits: true, left: 1, unwrittenWithdrawals: ['NEWS'] },
      {},
      /NEWS.*--drop-unwritten/,
    ],
    ['nobody to ask', { waits: true, left: 1, unwrittenWithdrawals: null }, {}, /no worker answers/],
    ['runs that stay', { left: 3 }, {}, /3 runs.*again in a minute/],
    ['encrypted files', {}, { sealed: ['/data/run'] }, /\/data\/run are encrypted.*cancel/],
  ])('is what was not deleted, and what to do: %s', (_, rest, files, told) => {
    expect(text([contact(rest)], { ...NO_FILES, ...files })).toMatch(told);
  });

  test('is, before anything is deleted, that a withdrawal would be lost', () => {
    expect(heldText([contact()])).not.toContain('CAREFUL');
    expect(heldText([contact({ unwrittenWithdrawals: ['NEWS'] })])).toContain(
      'CAREFUL: the withdrawal of NEWS is not in Brevo yet',
    );
    expect(heldText([contact({ unwrittenWithdrawals: null })])).toContain('it may be that a withdrawal');
  });
});
