import { describe, expect, it } from '@jest/globals';
import type { Submitted } from '../../../activities/resync/resync-activities';
import { ContactForgottenError } from '../../../client/errors';
import { Keys } from '../../../client/keys';
import { submitting } from '../../../worker/submitting';

const keys = new Keys('a secret for tests, long enough to pass');
const CONTACT = { identifier: { kind: 'ext_id', value: 'ana' }, change: {} } as Submitted;
const LEFT_OUT = { outcome: 'skipped', reason: 'forgotten' };

/** @param since when the contact is to be forgotten, as it is asked for the first time, the second … */
function prepared(since: readonly (number | undefined)[], failure?: Error) {
  const done: string[] = [];
  const answers = [...since];
  const submit = submitting(
    keys,
    {
      settle: async () => {
        done.push('submitted');
        if (failure) throw failure;
        return { outcome: 'updated' };
      },
    },
    {
      since: async () => answers.shift(),
      begin: async (_, { at }) => void done.push(`forgotten again as of ${at}`),
    },
  );
  return { done, submit };
}

describe('a contact of a resync', () => {
  it('is submitted when nobody wants it forgotten', async () => {
    const { done, submit } = prepared([undefined, undefined]);
    expect(await submit('shop', { ...CONTACT, heldUpTo: 100 })).toEqual({ outcome: 'updated' });
    expect(done).toEqual(['submitted']);
  });

  it.each([100, 200])(
    'is left out when it was forgotten as of %d and the source holds up to 100',
    async (at) => {
      const { done, submit } = prepared([at]);
      expect(await submit('shop', { ...CONTACT, heldUpTo: 100 })).toEqual(LEFT_OUT);
      expect(done).toEqual([]);
    },
  );

  it('is left out when nobody knows how old the source is', async () => {
    expect(await prepared([1]).submit('shop', CONTACT)).toEqual(LEFT_OUT);
  });

  it('is submitted when the source was made after it was forgotten', async () => {
    const { submit } = prepared([99, 99]);
    expect(await submit('shop', { ...CONTACT, heldUpTo: 100 })).toEqual({ outcome: 'updated' });
  });

  it('is forgotten again when it was forgotten while it was being submitted', async () => {
    const { done, submit } = prepared([undefined, 150]);
    expect(await submit('shop', { ...CONTACT, heldUpTo: 100 })).toEqual(LEFT_OUT);
    expect(done).toEqual(['submitted', 'forgotten again as of 150']);
  });

  it('is not submitted again when its workflow was ended by that', async () => {
    const { submit } = prepared([undefined], new ContactForgottenError());
    expect(await submit('shop', { ...CONTACT, heldUpTo: 100 })).toEqual(LEFT_OUT);
  });

  it('fails its step for any other reason', async () => {
    const { submit } = prepared([undefined], new Error('no Temporal'));
    await expect(submit('shop', CONTACT)).rejects.toThrow('no Temporal');
  });
});
