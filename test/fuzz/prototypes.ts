/** What everything inherits from: whoever changes it changes every object there is. */
const WATCHED: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  Map.prototype,
  Set.prototype,
  Promise.prototype,
  Error.prototype,
  Buffer.prototype,
];

type Snapshot = ReadonlyMap<PropertyKey, PropertyDescriptor>;

/** Notices when one of the built-in prototypes has changed. */
export class Prototypes {
  private readonly before = WATCHED.map((one): [object, Snapshot] => [one, snapshotOf(one)]);

  /** A look at the one that is mostly changed, quick enough for after every input. */
  assertObjectUnchanged(): void {
    const [object, snapshot] = this.before[0] ?? [{}, new Map()];
    if (Reflect.ownKeys(object).length !== snapshot.size) this.assertUnchanged();
  }

  /** @throws Error when one has changed; then it is as it was before */
  assertUnchanged(): void {
    for (const [object, snapshot] of this.before) {
      const now = snapshotOf(object);
      const changed = [...new Set([...now.keys(), ...snapshot.keys()])].filter(
        (key) => !isSame(now.get(key), snapshot.get(key)),
      );
      for (const key of changed) restore(object, key, snapshot.get(key));
      if (changed.length > 0) {
        throw new Error(`a built-in prototype was changed: ${changed.map(String).join(', ').slice(0, 200)}`);
      }
    }
  }
}

function snapshotOf(object: object): Snapshot {
  return new Map(
    Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key) ?? {}]),
  );
}

function isSame(one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    Object.is(one.value, other.value) &&
    one.get === other.get &&
    one.set === other.set
  );
}

function restore(object: object, key: PropertyKey, descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(object, key);
  else Object.defineProperty(object, key, descriptor);
}
