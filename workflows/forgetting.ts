import { concernsEverybody } from '../consent/erasure';
import { toSeconds } from '../consent/statement';
import type { CarriedState } from './contact-state';
import type { ForgetWish } from './forget/contract';

/** That a contact is to be forgotten, as its workflow knows it. */
export class Forgetting {
  constructor(private readonly state: Pick<CarriedState, 'erasure' | 'consent'>) {}

  add({ at, user }: ForgetWish): void {
    const { since = 0, users = [] } = this.state.erasure ?? {};
    const isOfAll = user === undefined || (this.state.erasure && !this.state.erasure.users);
    this.state.erasure = {
      since: Math.max(since, toSeconds(at)),
      ...(!isOfAll && { users: [...new Set([...users, user])] }),
    };
  }

  /**
   * Nothing has to be remembered any more. Where others stand for the contact too, a late older event of theirs is still
   * to meet what beats it, as long as it would without the forgetting.
   */
  endsAtOnce(): boolean {
    const { erasure, consent } = this.state;
    return erasure !== undefined && concernsEverybody(consent, erasure);
  }
}
