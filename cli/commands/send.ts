import {
  ConsentSyncClient,
  DidomiMessageError,
  type SubmitResult,
  TemporalUnavailableError,
} from '../../client';
import { type Element, elementsOf } from '../../files/elements';
import { onStdout as pc } from '../colours';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { printable } from '../printable';
import { bytesOf, nameOf, requireReadable } from '../send/bytes';
import { contactOf } from '../send/contact-of';
import { OrderedTasks } from '../send/ordered-tasks';

export interface SendOptions extends CommonOptions {
  readonly wait?: boolean;
}

/** Messages that are under way at once. */
const CONCURRENCY = 32;
/** How often somebody who waits is told so. */
const TELL_EVERY_MS = 15_000;

/** Submits the messages of files; what is broken is told, and does not stop the others. */
export async function send(files: readonly string[], options: SendOptions): Promise<ExitCode> {
  await requireReadable(files);
  const client = await ConsentSyncClient.connect(
    options.config === undefined ? {} : { config: options.config },
  );
  const sending = new Sending(client, options);
  try {
    for (const file of files) await sending.file(file);
    return sending.report();
  } catch (error) {
    throw error instanceof TemporalUnavailableError ? sending.interrupted(error) : error;
  } finally {
    sending.end();
    await client.close();
  }
}

class Sending {
  private readonly counts = { accepted: 0, ignored: 0, broken: 0 };
  private underWay = 0;
  private readonly telling: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: ConsentSyncClient,
    private readonly options: SendOptions,
  ) {
    if (options.wait) this.telling = setInterval(() => this.tellWaiting(), TELL_EVERY_MS);
  }

  async file(file: string): Promise<void> {
    const tasks = new OrderedTasks(CONCURRENCY);
    for await (const element of elementsOf(bytesOf(file))) await this.element(element, file, tasks);
    await tasks.ended();
  }

  report(): ExitCode {
    const { accepted, ignored, broken } = this.counts;
    tell(`${accepted} accepted, ${ignored} ignored${broken > 0 ? `, ${broken} broken` : ''}`);
    return broken > 0 ? EXIT.failed : EXIT.done;
  }

  interrupted({ message }: TemporalUnavailableError): CommandError {
    const { accepted } = this.counts;
    const before = accepted === 0 ? '' : ` ${accepted} were accepted before.`;
    return new CommandError(
      `${message}.${before} Send everything again when it is there: what was accepted is not taken twice.`,
    );
  }

  end(): void {
    clearInterval(this.telling);
  }

  private async element(element: Element, file: string, tasks: OrderedTasks): Promise<void> {
    const place = `${nameOf(file)}:${element.line}`;
    if ('problem' in element) return this.broken(place, element.problem);
    let contact: string;
    try {
      contact = contactOf(element.value);
    } catch (error) {
      if (!(error instanceof DidomiMessageError)) throw error;
      return this.broken(place, error.message);
    }
    await tasks.add(contact, () => this.submit(element.value));
  }

  private async submit(message: unknown): Promise<void> {
    this.underWay += 1;
    const { client } = this;
    const results = await (this.options.wait ? client.submitAndWait(message) : client.submit(message));
    this.underWay -= 1;
    for (const result of results) this.print(result);
  }

  private print(result: SubmitResult): void {
    this.counts[result.status] += 1;
    if (this.options.json) printJson(jsonOf(result));
    else printLine(lineOf(result));
  }

  private broken(place: string, problem: string): void {
    this.counts.broken += 1;
    tell(printable(`${place}: ${problem}`));
  }

  private tellWaiting(): void {
    if (this.underWay === 0) return;
    tell(
      `Still waiting for ${this.underWay} of them. If this lasts: does a worker run, and does Brevo answer? ("consent-sync trace" tells of a contact.)`,
    );
  }
}

function jsonOf(result: SubmitResult): object {
  const { eventId, integration, status } = result;
  if (result.status === 'ignored') {
    const { reason, fix } = result;
    return { eventId, integration, workflowId: null, status, reason, ...(fix && { fix }) };
  }
  const { workflowId, outcome, ambiguous } = result;
  return {
    eventId,
    integration,
    workflowId,
    status,
    ...(outcome && { outcome }),
    ...(ambiguous && { ambiguous }),
  };
}

function lineOf(result: SubmitResult): string {
  const { eventId, integration, status } = result;
  const about = `${printable(eventId ?? '(no id)').padEnd(36)}  ${integration}`;
  if (result.status === 'ignored') {
    const fix = result.fix ? ` (${result.fix})` : '';
    return `${pc.yellow(status.padEnd(9))}  ${about}: ${result.reason}${fix}`;
  }
  const ambiguous = result.ambiguous
    ? `: left out ${printable(result.ambiguous.join(', '))} (two answers)`
    : '';
  return `${pc.green((result.outcome ?? status).padEnd(9))}  ${about}${ambiguous}`;
}
