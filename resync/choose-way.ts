import { MAX_PAGE } from '../brevo/contact-page';
import { OVERLAP } from './brevo-pages';

/** How to learn what Brevo holds, and what either way costs in calls. */
export interface Way {
  readonly way: 'pages' | 'look-ups';
  readonly pages: number;
  readonly lookUps: number;
  /** Contacts of the account. */
  readonly inBrevo?: number;
}

/**
 * Whichever takes fewer calls. Between equals look-ups: they read what is compared, and nothing else of the account.
 *
 * @param inSource contacts that the source speaks of @param inBrevo contacts of the account
 */
export function chooseWay(inSource: number, inBrevo: number): Way {
  const pages = pagesOf(inBrevo);
  return { way: inSource <= pages ? 'look-ups' : 'pages', pages, lookUps: inSource, inBrevo };
}

/** An empty account takes a call too. */
function pagesOf(contacts: number): number {
  return 1 + Math.ceil(Math.max(0, contacts - MAX_PAGE) / (MAX_PAGE - OVERLAP));
}
