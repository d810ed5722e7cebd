import type { ConsentState } from '../consent/consent-state';
import { type ClearAction, type Decision, decide, type WriteAction } from '../consent/decide';
import { BLACKLIST_FLAG, type Mapping } from '../consent/rules';
import { isSubscribed, isWithdrawal, type Wish, wishesOf } from '../consent/wish';
import type { CarriedState, Knowledge } from './contact-state';
import type { Deletions } from './deletions';
import type { Inbox } from './inbox';
import type { LedgerView } from './ledger-view';

const NOTHING: ReadonlySet<string> = new Set();

/** What of a person's choices has to be in force in Brevo, and what is to be done for it. Reads, changes nothing. */
export class Wanted {
  constructor(
    private readonly state: Readonly<CarriedState>,
    private readonly inbox: Pick<Inbox, 'owesSomething'>,
    private readonly deletions: Pick<Deletions, 'counted'>,
    private readonly ledger: Pick<LedgerView, 'need'>,
  ) {}

  wishes(): Wish[] {
    const consent = this.deletions.counted();
    return wishesOf(consent, this.state.rules?.mappings ?? unmapped(consent));
  }

  /** Whether anything that waits takes something back: it goes first. */
  hasWithdrawal(): boolean {
    const anew = this.anew();
    return this.wishes().some((wish) => anew.has(wish.id) && isWithdrawal(wish));
  }

  /** Whether what waits puts the contact on the blacklist. */
  withdrawsFlag(): boolean {
    const anew = this.anew();
    return this.wishes().some(
      (wish) => wish.id === BLACKLIST_FLAG && anew.has(wish.id) && isWithdrawal(wish),
    );
  }

  /**
   * What is chosen anew since our last look or write is written without a look where some of it differs from what
   * we saw. Where all of it equals that, a look may show that nothing has to be written; and an opt-in for a
   * contact that we saw off the blacklist needs one, because the person may have unsubscribed meanwhile.
   */
  needsLook(): boolean {
    const { knowledge, unseen, refused, rules } = this.state;
    if (!knowledge) return true;
    if (unseen.length === 0) return false;
    if (!knowledge.contact || refused.length > 0) return true;
    // With a ledger the contact may be another workflow's too.
    if (rules?.ledgerAttribute) return true;
    const { action } = this.decide(knowledge, NOTHING);
    if (action.kind === 'none') return true;
    return this.anew().has(BLACKLIST_FLAG) && this.isOptIn() && action.kind !== 'clear';
  }

  /**
   * Ids to be written even where Brevo seems to hold the value: chosen anew since our last look or write, or in
   * doubt because a write was given up without an answer.
   */
  anew(): ReadonlySet<string> {
    const { unseen, doubtful } = this.state;
    const chosen = this.wishes().flatMap(({ id, path }) => (unseen.includes(path) ? [id] : []));
    return new Set([...chosen, ...doubtful]);
  }

  decide(knowledge: Knowledge, anew: ReadonlySet<string>): Decision {
    const { rules, memory } = this.state;
    if (!rules) throw new Error('a decision needs the rules that come with a look');
    const { contact, targets, typesUnknown } = knowledge;
    const ledger = this.ledger.need(knowledge, anew);
    const wishes = this.wishes();
    return decide({
      wishes: typesUnknown
        ? wishes.filter((wish) => wish.id === BLACKLIST_FLAG && isWithdrawal(wish))
        : wishes,
      contact,
      targets,
      rules,
      memory,
      anew,
      ...(ledger && { ledger }),
    });
  }

  /** What was decided is no longer what the person wants. */
  isOvertaken(action: WriteAction | ClearAction): boolean {
    const { knowledge, rules } = this.state;
    if (!knowledge) return true;
    const ids = [
      ...action.attributes.map(({ id }) => id),
      ...(blacklists(action) ? [BLACKLIST_FLAG] : []),
      // A ledger whose last write is in doubt is written also where it seems to be right.
      ...(action.ledger && rules?.ledgerAttribute ? [rules.ledgerAttribute] : []),
    ];
    const { action: now } = this.decide(knowledge, new Set(ids));
    if (now.kind === 'none') return true;
    if (action.kind === 'clear' ? now.kind !== 'clear' : blacklists(action) !== blacklists(now)) return true;
    return action.attributes.some(({ id, value }) => {
      const current = now.attributes.find((write) => write.id === id);
      return JSON.stringify(current?.value) !== JSON.stringify(value);
    });
  }

  /** Mapping ids of what is withdrawn and, as far as we know, not in force in Brevo. */
  unwrittenWithdrawals(): string[] {
    const { held, refused, doubtUntil } = this.state;
    const isAllOpen = held !== undefined || doubtUntil !== undefined || this.inbox.owesSomething();
    const isRefused = (id: string) =>
      refused.some((refusal) => refusal.id === undefined || refusal.id === id);
    return this.wishes().flatMap((wish) =>
      isWithdrawal(wish) && (isAllOpen || isRefused(wish.id)) ? [wish.id] : [],
    );
  }

  private isOptIn(): boolean {
    const flag = this.wishes().find(({ id }) => id === BLACKLIST_FLAG);
    return flag?.value !== undefined && isSubscribed(flag.value);
  }
}

/** Until rules are known, values go by their paths. */
function unmapped(consent: ConsentState): Mapping[] {
  return [...new Set(consent.map(({ path }) => path))].map((path) => ({ id: path, value: path }));
}

function blacklists(action: WriteAction | ClearAction): boolean {
  return action.kind !== 'clear' && action.blacklist;
}
