import type { Identifier } from '../consent/identifier';
import type { ContactFinder } from './contact-finder';
import type { Keys } from './keys';
import { accepted, type Submission } from './submission';

export interface Addressed {
  /** In the order of what was given; what nobody is found for stays ignored. */
  readonly addressed: readonly Submission[];
  /** The same events for further contacts that received them. */
  readonly copies: readonly Submission[];
}

/** Addresses submissions that do not say whose they are to the contacts that received the event before. */
export class Addresses {
  constructor(
    private readonly finder: Pick<ContactFinder, 'find'>,
    private readonly keys: Keys,
  ) {}

  async complete(submissions: readonly Submission[]): Promise<Addressed> {
    const sought = submissions.flatMap(({ anonymous }) => anonymous ?? []);
    const unknown = sought.filter((one) => together(submissions, one).length === 0);
    const found = await this.finder.find(
      unknown.map(({ integration, change }) => ({ integration, eventKey: change.eventKey })),
    );
    const copies: Submission[] = [];
    const addressed = submissions.map((submission) => {
      const { anonymous } = submission;
      if (!anonymous) return submission;
      const index = unknown.indexOf(anonymous);
      const contacts = index < 0 ? together(submissions, anonymous) : (found[index] ?? []);
      const [first, ...others] = contacts.map((identifier) => accepted(anonymous, identifier, this.keys));
      copies.push(...others);
      const place = submission.result.index;
      return first
        ? { ...first, result: { ...(place !== undefined && { index: place }), ...first.result } }
        : submission;
    });
    return { addressed, copies };
  }
}

/** Contacts whose event came along with its deletion: no search knows it yet. */
function together(
  submissions: readonly Submission[],
  { integration, change }: NonNullable<Submission['anonymous']>,
): Identifier[] {
  const same = submissions.flatMap(({ signal }) =>
    signal?.integration === integration && signal.change.eventKey === change.eventKey
      ? [signal.identifier]
      : [],
  );
  return same.filter((one, index) => same.findIndex(({ value }) => value === one.value) === index);
}
