import { describe, expect, it } from '@jest/globals';
import { inForce, mergeStatements } from '../../../consent/consent-state';
import type { Rules } from '../../../consent/rules';
import { readExportLine } from '../../../didomi/export/export-line';
import type { Gathered, RecordReading } from '../../../didomi/gathered';
import { NOW, rulesFor } from '../didomi/rules';
import { eventBody, userBody } from '../didomi-api/stub-didomi';

const PATH = 'consents_purposes_newsletter_enabled';
const RULES = rulesFor([PATH]);
const DATE = Date.parse('2026-04-02T00:00:00Z');
const AS_OF = Date.parse('2026-04-01T07:00:01Z') / 1000;

const read = (line: unknown, rules: Partial<Rules> = {}): RecordReading =>
  readExportLine(line, { ...RULES, ...rules }, { date: DATE, readAt: NOW });

const newsletter = (enabled: boolean) => ({ consents: { purposes: [{ id: 'newsletter', enabled }] } });

function gathered(reading: RecordReading): readonly Gathered[] {
  if (reading.status !== 'read') throw new Error(`it was ${JSON.stringify(reading)}`);
  return reading.gathered;
}

const inForceIn = ({ statements }: Gathered) => inForce(mergeStatements([], statements), PATH)?.value;

describe('a line of an export', () => {
  it('is a snapshot of its user, as of the last change of the record', () => {
    expect(read({ user: userBody() })).toEqual({
      status: 'read',
      gathered: [
        {
          identifier: { kind: 'email', value: 'ana@example.com' },
          statements: [
            {
              regulation: 'gdpr',
              user: 'c2a1b0d4-2002',
              path: PATH,
              snapshot: { value: false, asOf: AS_OF },
            },
          ],
          date: DATE,
        },
      ],
      ambiguous: false,
    });
  });

  it('may be a user record by itself', () => {
    expect(read(userBody())).toEqual(read({ user: userBody(), events: null }));
  });

  it('keeps how Didomi spells the organization_user_id where we spell it differently', () => {
    const line = { user: userBody({ organization_user_id: ' Ana@Example.com' }) };
    expect(gathered(read(line))).toMatchObject([
      { identifier: { value: 'ana@example.com' }, organizationUserId: ' Ana@Example.com' },
    ]);
  });

  it('has choices in its confirmed events, and in no others', () => {
    const late = { created_at: '2026-04-01T09:00:00Z', updated_at: '2026-04-01T09:00:00Z' };
    const withEvent = (status: string) =>
      gathered(
        read({
          user: userBody(newsletter(false)),
          events: [eventBody({ ...late, ...newsletter(true), status })],
        }),
      ).map(inForceIn);
    expect(withEvent('confirmed')).toEqual([true]);
    expect(withEvent('pending_approval')).toEqual([false]);
  });

  it("takes an event that does not say whose it is for its user's", () => {
    const [one] = gathered(read({ user: userBody(), events: [eventBody({ user: null })] }));
    expect(one?.statements).toMatchObject([
      { user: 'c2a1b0d4-2002', snapshot: {} },
      { user: 'c2a1b0d4-2002', choice: { eventId: 'e-1' } },
    ]);
  });

  it('tells a contact of the events that were its own before the user changed its organization_user_id', () => {
    const old = eventBody({ user: { id: 'c2a1b0d4-2002', organization_user_id: 'old@example.com' } });
    expect(gathered(read({ user: userBody(), events: [old] }))).toMatchObject([
      { identifier: { value: 'ana@example.com' }, statements: [{ snapshot: {} }] },
      { identifier: { value: 'old@example.com' }, statements: [{ choice: {} }] },
    ]);
  });

  it('was known to Didomi when the line was written, where an event does not say since when', () => {
    const [one] = gathered(read({ user: userBody(), events: [eventBody({ updated_at: null })] }));
    expect(one?.statements[1]).toMatchObject({ choice: { known: DATE / 1000 } });
  });

  it('stays small, however many events it holds', () => {
    const events = Array.from({ length: 5_000 }, (_, index) =>
      eventBody({ id: `e-${index}`, ...newsletter(index % 2 === 0) }),
    );
    const [one] = gathered(read({ user: userBody(), events }));
    expect(one?.statements.length).toBeLessThan(20);
  });

  it.each([
    ['regulation', userBody({ regulation: 'cpra' }), {}],
    ['no_organization_user_id', userBody({ organization_user_id: null }), {}],
    ['unusable_identifier', userBody({ organization_user_id: 'no e-mail' }), { identifier: 'email' }],
    ['no_mapped_value', userBody({ consents: { purposes: [] } }), {}],
    [
      'ambiguous_path',
      userBody({
        consents: {
          purposes: [
            { id: 'newsletter', enabled: true },
            { id: 'newsletter', enabled: false },
          ],
        },
      }),
      {},
    ],
  ] as const)('is ignored for a reason: %s', (reason, user, rules) => {
    expect(read({ user }, rules)).toEqual({ status: 'ignored', reason });
  });

  it('is ignored when all that it says is dated ahead of our clock', () => {
    const event = eventBody({ created_at: '2026-07-01T00:00:00Z' });
    expect(read({ user: userBody({ consents: null }), events: [event] })).toEqual({
      status: 'ignored',
      reason: 'time_in_future',
    });
  });

  it('counts under the regulation that it names, else under GDPR', () => {
    const rules = { regulations: ['gdpr', 'cpra'] };
    const line = { user: userBody({ regulation: 'CPRA' }), events: [eventBody()] };
    expect(gathered(read(line, rules))[0]?.statements.map(({ regulation }) => regulation)).toEqual([
      'cpra',
      'cpra',
    ]);
    expect(gathered(read({ user: userBody() }, rules))[0]?.statements[0]?.regulation).toBe('gdpr');
  });

  it.each([
    [7, 'line must be a JSON object'],
    [[], 'line must be a JSON object'],
    [{ events: [] }, 'user is missing'],
    [{ user: userBody({ updated_at: 'ana@example.com' }) }, /^user.updated_at is not an ISO 8601 date/],
    [{ user: userBody(), events: {} }, 'events must be a JSON array'],
    [{ user: userBody(), events: [{}] }, 'events\\[0\\].id is missing'],
    [{ type: 'event.created', parameters: {} }, 'line is a webhook message, and none of an export'],
  ])('is broken when it is not understood in full, and says where: %#', (line, reason) => {
    const reading = read(line);
    expect(reading).toEqual({ status: 'broken', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(reading)).not.toContain('ana@');
  });
});
