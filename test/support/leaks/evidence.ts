import { MarkerSearch } from './markers';

/** Something that was seen, and whose contents are searched. */
export interface Piece {
  /** Of which kind: decides what may stand in it. */
  readonly kind: string;
  /** Where exactly, for whoever mends it. */
  readonly where: string;
  readonly text: string;
}

/** A marker where it must not be. */
export interface Leak {
  readonly marker: string;
  readonly spelling: string;
  readonly kind: string;
  readonly where: string;
  /** What stands around it, without it. */
  readonly near: string;
}

/** Everything that was seen, and what may stand in what. */
export class Evidence {
  readonly pieces: Piece[] = [];
  private readonly search: MarkerSearch;

  /**
   * @param markers by name
   * @param allowed names of the markers that may stand in a kind of pieces; elsewhere none may
   */
  constructor(
    private readonly markers: Readonly<Record<string, string>>,
    private readonly allowed: Readonly<Record<string, readonly string[]>>,
  ) {
    this.search = new MarkerSearch(markers);
  }

  add(kind: string, where: string, text: string): void {
    this.pieces.push({ kind, where, text });
  }

  leaks(): Leak[] {
    return this.pieces.flatMap(({ kind, where, text }) =>
      this.search
        .find(text)
        .filter(({ name }) => !this.allowed[kind]?.includes(name))
        .map(({ name, spelling, at }) => {
          const around = text.slice(Math.max(0, at - 120), at + 120);
          const near = around.replaceAll(new RegExp(this.markers[name] ?? '', 'gi'), `«${name}»`);
          return { marker: name, spelling, kind, where, near };
        }),
    );
  }

  /** By kind, which markers were found where they may be: what the search was for did take place. */
  seen(): Record<string, string[]> {
    const seen = new Map<string, Set<string>>();
    for (const { kind, text } of this.pieces) {
      const names = seen.get(kind) ?? new Set();
      seen.set(kind, names);
      for (const { name } of this.search.find(text)) names.add(name);
    }
    return Object.fromEntries([...seen].map(([kind, names]) => [kind, [...names].sort()]));
  }
}
