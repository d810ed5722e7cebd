// What may befall a resync, and what people choose meanwhile.

const { setTimeout: sleep } = require('node:timers/promises');
const { OPT_IN, OPT_OUT } = require('./strange-people');

const REVOKED = { kind: 'status', status: 401 };
/** People who choose anew at a time. */
const CHOOSE_AT_ONCE = 5;

/** A resync with its troubles, until it has ended. */
class TroubledRun {
  /** @param {() => number} random @param {object[]} people who may choose anew; what Brevo has to hold follows them */
  constructor(system, random, people) {
    Object.assign(this, { system, random, people, happened: {} });
    this.isOver = false;
    this.choosing = [];
  }

  /**
   * @param {string[]} args of `resync start`; none where somebody else has started the run
   * @param {number} every ms from one trouble to the next, about
   * @returns what the run came to
   */
  async carryOut(args, every) {
    if (args) this.read(args);
    else this.result = this.watched();
    const troubles = Promise.resolve(this.trouble(every));
    const result = await this.endOf();
    this.isOver = true;
    await troubles;
    this.system.simulator.setFaults();
    await Promise.all(this.choosing);
    return result;
  }

  read(args) {
    this.reader = this.system.resync(args);
    // Nobody can begin to go on while Temporal is away: one tries again.
    this.result = this.reader.ended.catch(async (error) => {
      if (!/Temporal/.test(error.message)) throw error;
      await sleep(1_000);
      this.read(args);
      return this.result;
    });
  }

  /** A reader that was killed is followed by another. */
  async endOf() {
    for (;;) {
      const result = await this.result;
      if (result && result.state !== 'running' && result.state !== 'paused') return result;
      if (this.resuming) await this.resuming;
      else await sleep(200);
    }
  }

  async watched() {
    for (;;) {
      const { code, stdout } = await this.system.command(['resync', 'status', '--json']);
      const status = code === 0 ? JSON.parse(stdout) : undefined;
      if (status && status.state !== 'running' && status.state !== 'paused') return status;
      await sleep(1_000);
    }
  }

  async trouble(every) {
    const all = Object.entries({
      choices: () => this.choose(),
      ...(this.reader && { 'reader killed': () => this.killReader() }),
      'service killed': () => this.killService(),
      'paused and resumed': () => this.pause(),
      'key revoked': () => this.revokeKey(),
      'rate changed': () => this.changeRate(),
      ...(this.reader && { 'second run refused': () => this.startAnother() }),
    });
    for (let count = 0; ; count += 1) {
      await sleep(every * (0.5 + this.random()));
      if (this.isOver) return;
      const turn = count < all.length ? count : Math.floor(this.random() * all.length);
      const [name, act] = all[turn];
      const isDone = await act();
      if (isDone !== false) this.happened[name] = (this.happened[name] ?? 0) + 1;
      if (this.isOver) return;
    }
  }

  /** Somebody chooses, now; Didomi sends it until it is taken. */
  choose() {
    for (let count = 0; count < CHOOSE_AT_ONCE; count += 1) {
      const person = this.people[Math.floor(this.random() * this.people.length)];
      const value = this.random() < 0.5;
      const at = new Date(Date.now() - 1_000 * (CHOOSE_AT_ONCE - count)).toISOString();
      this.choosing.push(this.send(message(person.email, value, at)));
      note(person, value, at.slice(0, 19));
    }
  }

  async send(body) {
    for (;;) {
      const answer = await fetch(this.system.webhookUrl(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).catch(() => undefined);
      if (answer?.status === 202) return;
      await sleep(500);
    }
  }

  async killReader() {
    const run = this.reader.run();
    if (run === undefined) return false;
    let resumed;
    this.resuming = new Promise((resolve) => {
      resumed = resolve;
    });
    this.reader.kill();
    const isKilled = (await this.reader.ended.catch(() => ({}))) === undefined;
    if (isKilled) {
      await sleep(2_000 * this.random());
      this.read(['--resume', run]);
    }
    this.resuming = undefined;
    resumed();
    return isKilled;
  }

  async killService() {
    await this.system.killService();
    await sleep(3_000 * this.random());
    await this.system.startService();
  }

  async pause() {
    const paused = await this.system.command(['resync', 'pause']);
    if (paused.code !== 0) return false;
    await sleep(4_000 * this.random());
    const resumed = await this.system.command(['resync', 'resume']);
    return resumed.code === 0;
  }

  async revokeKey() {
    this.system.simulator.setFaults(REVOKED);
    await sleep(1_000 + 5_000 * this.random());
    this.system.simulator.setFaults();
  }

  async changeRate() {
    const slow = await this.system.command(['resync', 'rate', '5']);
    await sleep(3_000 * this.random());
    await this.system.command(['resync', 'rate', '0']);
    return slow.code === 0;
  }

  async startAnother() {
    const { code, stderr } = await this.system.command(['resync', 'start', 'export']);
    if (this.isOver) return false;
    if (code !== 1 || !/already has a resync under way|under way/.test(stderr)) {
      throw new Error(`A second run was not refused: ${code} ${stderr}`);
    }
  }
}

/** The latest choice counts; of two within a second the no. */
function note(person, value, second) {
  const { choseAt = '' } = person;
  if (second < choseAt || (second === choseAt && value)) return;
  person.choseAt = second;
  person.after = value ? OPT_IN : OPT_OUT;
}

function message(email, value, at) {
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: `live-${Math.random().toString(36).slice(2)}`,
        created_at: at,
        updated_at: at,
        status: 'confirmed',
        user: { id: `a of ${email}`, organization_user_id: email },
        consents: { purposes: [{ id: 'newsletter', enabled: value }] },
      },
    },
  };
}

module.exports = { TroubledRun };
