import type { Random } from './random';

/** A webhook message as Didomi sends it. */
export type Message = Readonly<Record<string, unknown>>;

/** What a person answers; what is absent is not touched. */
export interface Answers {
  readonly newsletter?: boolean;
  /** One of a few values, or '' for none. */
  readonly frequency?: string;
  /** Comma-joined, or '' for none. */
  readonly topics?: string;
  readonly partners?: boolean;
  readonly profiling?: boolean;
}

/** Didomi sends two messages for one choice: the event, and the user record that it changed. */
export interface Told {
  readonly event: Message;
  readonly record: Message;
}

export interface PersonOptions {
  /** Absent: a guest. */
  readonly organizationUserId?: string;
  readonly language: string;
  readonly regulation?: string;
}

/**
 * One Didomi user, as Didomi keeps and reports it. Events must be told in the order of their times; whoever delivers
 * the messages may do so in any order. Times are ms since 1970.
 */
export class DidomiPerson {
  private readonly id: string;
  private version = 0;
  private createdAt = 0;
  private answers: Answers = {};
  private record: Message | undefined;

  constructor(
    private readonly random: Random,
    private readonly options: PersonOptions,
  ) {
    this.id = random.uuid();
  }

  says(at: number, answers: Answers): Told {
    const event = this.event(at, answers);
    return {
      event: this.message('event.created', { entity: event }),
      record: this.applied(event, at, answers),
    };
  }

  /** A choice that waits for the click in a confirmation mail; it has not happened yet. */
  asks(at: number, answers: Answers): { readonly message: Message; confirm(confirmedAt: number): Told } {
    const event = { ...this.event(at, answers), status: 'pending_approval' };
    return {
      message: this.message('event.created', { entity: event }),
      confirm: (confirmedAt) => {
        const confirmed = { ...event, status: 'confirmed', updated_at: iso(confirmedAt) };
        const source = { id: event.id, created_at: event.created_at };
        return {
          event: this.message('event.updated', { source, old_entity: event, new_entity: confirmed }),
          record: this.applied(event, confirmedAt, answers),
        };
      },
    };
  }

  private event(at: number, answers: Answers) {
    const { organizationUserId, language } = this.options;
    return {
      id: this.random.uuid(),
      organization_id: 'acme',
      created_at: iso(at),
      updated_at: iso(at),
      status: 'confirmed',
      regulation: this.regulation,
      domain: 'preferences.example.com',
      metadata: {},
      proofs_id: [],
      user: {
        id: this.id,
        ...(organizationUserId !== undefined && { organization_user_id: organizationUserId }),
        metadata: { language },
        country: null,
        last_seen_country: 'FR',
      },
      consents: { channels: [], purposes: purposesOf(answers), vendors: { enabled: [], disabled: [] } },
    };
  }

  /** Didomi merges an event into the user a second later, and tells of that. */
  private applied(
    event: { readonly id: string; readonly created_at: string },
    at: number,
    answers: Answers,
  ): Message {
    const before = this.record;
    this.answers = { ...this.answers, ...answers };
    this.version += 1;
    this.createdAt ||= at;
    const { organizationUserId, language } = this.options;
    const after = {
      id: this.id,
      organization_id: 'acme',
      ...(organizationUserId !== undefined && { organization_user_id: organizationUserId }),
      version: this.version,
      created_at: iso(this.createdAt),
      updated_at: iso(at + 1_000),
      metadata: { language },
      country: null,
      last_seen_country: 'FR',
      consents: { channels: [], purposes: purposesOf(this.answers), vendors: { enabled: [], disabled: [] } },
    };
    this.record = after;
    if (!before) return this.message('user.created', { entity: after });
    const source = { id: event.id, created_at: event.created_at };
    return this.message('user.updated', { source, old_entity: before, new_entity: after });
  }

  private message(type: string, parameters: Message): Message {
    return { type, regulation: this.regulation, parameters };
  }

  private get regulation(): string {
    return this.options.regulation ?? 'gdpr';
  }
}

/** An event.created as it comes from a webhook with Didomi's "flatten" option. */
export function flattened(message: Message): Message {
  const parameters = message.parameters as { readonly entity: unknown };
  return { ...message, parameters: { entity: Object.fromEntries(flatEntries(parameters.entity, '')) } };
}

function* flatEntries(value: unknown, path: string): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) {
    yield [path, value];
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    yield* flatEntries(inner, path === '' ? key : `${path}__${key}`);
  }
}

function purposesOf({ newsletter, frequency, topics, partners, profiling }: Answers): object[] {
  const values = {
    ...(frequency !== undefined && { frequency: { value: frequency } }),
    ...(topics !== undefined && { topics: { value: topics } }),
  };
  const hasNewsletter = newsletter !== undefined || Object.keys(values).length > 0;
  return [
    ...(hasNewsletter ? [{ id: 'newsletter', enabled: newsletter ?? null, metadata: {}, values }] : []),
    ...(partners !== undefined ? [{ id: 'partners', enabled: partners, metadata: {} }] : []),
    ...(profiling !== undefined ? [{ id: 'profiling', enabled: profiling, metadata: {} }] : []),
  ];
}

/** Whole seconds, as in Didomi's samples. */
export function iso(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
