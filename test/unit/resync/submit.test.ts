import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../consent/outcome';
import type { Differing } from '../../../resync/differing';
import type { KnownGuard } from '../../../resync/known-guards';
import { textOf } from '../../../resync/line-file';
import { type ReportLine, reportOf } from '../../../resync/report';
import { type SubmitOptions, type SubmitStep, submitStep } from '../../../resync/submit';
import { WorkFolder } from '../../../resync/work-folder';
import { neverEnding } from '../../support/never-ending';
import { temporaryFolders } from '../../support/temporary-folder';

const makeFolder = temporaryFolders();
const RUN = 'run';

function person(name: string): Differing {
  return { identifier: { kind: 'ext_id', value: name }, statements: [] };
}

/** A run that has compared, and its submissions so far. */
class Run {
  readonly submitted: string[] = [];
  readonly guarded: KnownGuard[] = [];
  readonly outcomes = new Map<string, Outcome[]>();
  private readonly folder: WorkFolder;

  private constructor(private readonly root: string) {
    this.folder = new WorkFolder(root, RUN);
  }

  write(name: string, contacts: readonly Differing[]): void {
    writeFileSync(this.folder.file(name), contacts.map(textOf).join(''));
  }

  static async of(files: { readonly withdrawals?: readonly string[]; readonly others?: readonly string[] }) {
    const run = new Run(await makeFolder());
    for (const [name, people] of Object.entries(files)) {
      run.write(`${name}.ndjson`, people.map(person));
    }
    return run;
  }

  step(more: Partial<SubmitOptions> = {}): Promise<SubmitStep> {
    return submitStep({
      folder: this.folder,
      planFolder: this.folder,
      reread: async () => null,
      guards: { add: async (found) => void this.guarded.push(...found) },
      lookLastsMs: 60_000,
      keyOf: ({ identifier }) => `key-${identifier.value}`,
      submit: async ({ identifier }) => {
        this.submitted.push(identifier.value);
        return { outcome: this.outcomes.get(identifier.value)?.shift() ?? 'updated' };
      },
      signals: neverEnding(),
      ...more,
    });
  }

  async report(isIdentified = false): Promise<ReportLine[]> {
    const lines: ReportLine[] = [];
    for await (const line of reportOf(this.root, RUN, isIdentified)) lines.push(line);
    return lines;
  }
}

describe('submitting what differs', () => {
  it('begins with withdrawals', async () => {
    const run = await Run.of({ others: ['a'], withdrawals: ['b', 'c'] });
    expect(await run.step()).toMatchObject({ done: true, counts: { submitted: 3, done: 3, calls: 3 } });
    expect(run.submitted).toEqual(['b', 'c', 'a']);
  });

  it('goes on where the last step ended, and counts each contact once', async () => {
    const run = await Run.of({ others: ['a', 'b', 'c'] });
    const ending = new AbortController();
    const first = await run.step({
      signals: { ...neverEnding(), ending: ending.signal },
      submit: async ({ identifier }) => {
        run.submitted.push(identifier.value);
        ending.abort();
        return { outcome: 'guarded', reason: 'resubscribe_never' };
      },
    });
    expect(first).toMatchObject({ done: false, counts: { submitted: 1, guarded: 1 } });
    expect(await run.step()).toMatchObject({ done: true, counts: { submitted: 3, guarded: 1, done: 2 } });
    expect(run.submitted).toEqual(['a', 'b', 'c']);
    expect(await run.report()).toEqual([
      { contactKey: 'key-a', outcome: 'guarded', reason: 'resubscribe_never' },
    ]);
  });

  it('submits a contact that was held once more at the end, and counts what became of it', async () => {
    const run = await Run.of({ withdrawals: ['a'], others: ['b'] });
    run.outcomes.set('a', ['held', 'updated']);
    expect(await run.step()).toMatchObject({ done: false, isHeld: true, counts: { submitted: 1, held: 1 } });
    expect(await run.step()).toMatchObject({ done: true, counts: { submitted: 2, held: 0, done: 2 } });
    expect(run.submitted).toEqual(['a', 'b', 'a']);
    expect(await run.report()).toEqual([]);
  });

  it('waits between rounds for those who are held, then reports them, and comes to its own end', async () => {
    const run = await Run.of({ withdrawals: ['a', 'c'], others: ['b'] });
    run.outcomes.set(
      'a',
      Array.from({ length: 99 }, () => 'held'),
    );
    run.outcomes.set('c', ['held', 'held', 'held', 'updated']);
    let steps = 0;
    let last: SubmitStep;
    do {
      last = await run.step();
      steps += 1;
    } while (!last.done);
    // Two that end with the first who is held, and ten rounds.
    expect(steps).toBe(12);
    expect(last).toMatchObject({ isHeld: false, counts: { submitted: 3, held: 1, done: 2 } });
    expect(run.submitted.filter((name) => name === 'c')).toHaveLength(4);
    expect(await run.report()).toEqual([{ contactKey: 'key-a', outcome: 'held' }]);
  });

  it('submits again what a process had not settled when it died, and no more', async () => {
    const run = await Run.of({ others: ['a', 'b', 'c'] });
    const dying = run.step({
      submit: async ({ identifier }) => {
        if (identifier.value === 'b') throw new Error('gone');
        return { outcome: 'rejected' };
      },
    });
    await expect(dying).rejects.toThrow('gone');
    expect(await run.step()).toMatchObject({ done: true, counts: { submitted: 3, rejected: 1, done: 2 } });
    expect(run.submitted).toEqual(['b', 'c']);
  });

  it('tries one contact alone after one was held, and the others together once it gets through', async () => {
    const run = await Run.of({ others: ['a', 'b', 'c', 'd'] });
    let isHeld = true;
    let together = 0;
    let most = 0;
    const submit: SubmitOptions['submit'] = async () => {
      together += 1;
      most = Math.max(most, together);
      await new Promise((resolve) => setImmediate(resolve));
      together -= 1;
      return { outcome: isHeld ? 'held' : 'updated' };
    };
    const step = async () => {
      most = 0;
      await run.step({ submit });
      return most;
    };
    expect(await step()).toBe(4);
    expect(await step()).toBe(1);
    isHeld = false;
    expect(await step()).toBe(3);
  });

  it('does not wait long for a contact that waits for Brevo when it is interrupted, and submits it again', async () => {
    const run = await Run.of({ others: ['a'] });
    const interrupting = new AbortController();
    const step = run.step({
      graceMs: 10,
      signals: { ending: interrupting.signal, interrupted: interrupting.signal },
      submit: ({ identifier }) => {
        run.submitted.push(identifier.value);
        interrupting.abort();
        return new Promise(() => undefined);
      },
    });
    expect(await step).toMatchObject({ done: false, counts: { submitted: 0 } });
    expect(await run.step()).toMatchObject({ done: true, counts: { submitted: 1, done: 1 } });
    expect(run.submitted).toEqual(['a', 'a']);
  });

  it('reports what a plan had left out along with what carrying it out came to', async () => {
    const run = await Run.of({ others: ['a'] });
    const planFolder = new WorkFolder(await makeFolder(), 'plan');
    const left = { contactKey: 'key-x', outcome: 'guarded', reason: 'source_too_old' };
    writeFileSync(planFolder.file('report.ndjson'), textOf(left));
    writeFileSync(planFolder.file('others.ndjson'), textOf(person('b')));
    run.outcomes.set('b', ['skipped']);
    expect(await run.step({ planFolder })).toMatchObject({ done: true });
    expect(await run.report()).toEqual([
      left,
      { contactKey: 'key-b', outcome: 'skipped', reason: 'unknown_to_brevo' },
    ]);
  });

  it('remembers of whom Brevo knows a later unsubscription, and of nobody else', async () => {
    const run = await Run.of({});
    const clearing = { id: 7, time: 100 };
    run.write('others.ndjson', [{ ...person('a'), clearing }, { ...person('b'), clearing }, person('c')]);
    const reasons = new Map([
      ['a', 'later_unsubscription'],
      ['c', 'later_unsubscription'],
    ]);
    await run.step({
      submit: async ({ identifier }) => {
        return { outcome: 'guarded', reason: reasons.get(identifier.value) ?? 'opt_in_time_unknown' };
      },
    });
    expect(run.guarded).toEqual([{ contactKey: 'key-a', ...clearing }]);
  });

  it('names who is meant by the report only to whom asks for it', async () => {
    const run = await Run.of({ others: ['a'] });
    run.outcomes.set('a', ['rejected']);
    await run.step();
    expect(JSON.stringify(await run.report())).not.toContain('identifier');
    expect(await run.report(true)).toEqual([{ contactKey: 'key-a', outcome: 'rejected', identifier: 'a' }]);
  });

  it('counts the calls that reading again takes', async () => {
    const run = await Run.of({});
    const old = { contact: { id: 1, emailBlacklisted: false, attributes: {} }, seenAt: 1 };
    run.write('others.ndjson', [{ ...person('a'), found: old }]);
    expect(await run.step({ reread: async () => [undefined] })).toMatchObject({ counts: { calls: 2 } });
  });
});
