import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OAuthClient } from '../../config';
import type { Credentials } from './token-request';

/** Finds the client whose id and secret a caller gave. */
export class ClientCheck {
  /** Without it nobody can prepare texts whose hashes begin alike. */
  private readonly hashKey = randomBytes(32);
  private readonly known: readonly {
    readonly client: OAuthClient;
    readonly id: Buffer;
    readonly secret: Buffer;
  }[];

  constructor(clients: readonly OAuthClient[]) {
    this.known = clients.map((client) => ({
      client,
      id: this.hash(client.id),
      secret: this.hash(client.secret),
    }));
  }

  knows(id: string): boolean {
    return this.known.some(({ client }) => client.id === id);
  }

  /**
   * Compares with every client, whichever it finds and whatever differs: how long it takes tells nothing about ids and
   * secrets, but how many there are.
   */
  find(candidates: readonly Credentials[]): OAuthClient | undefined {
    let found: OAuthClient | undefined;
    for (const candidate of candidates) {
      const id = this.hash(candidate.id);
      const secret = this.hash(candidate.secret);
      for (const one of this.known) {
        const sameId = timingSafeEqual(id, one.id);
        const sameSecret = timingSafeEqual(secret, one.secret);
        if (sameId && sameSecret) found = one.client;
      }
    }
    return found;
  }

  private hash(text: string): Buffer {
    return createHmac('sha256', this.hashKey).update(text).digest();
  }
}
