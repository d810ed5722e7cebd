import type { Repair } from './repair';

/** What one check of `doctor` found. */
export interface Finding {
  readonly name: string;
  /** Whether nothing has to be mended; true for a warning too. */
  readonly ok: boolean;
  /** Works, and yet worth knowing. */
  readonly warning?: true;
  readonly message: string;
  /** What to do. */
  readonly fix?: string;
  /** What `--fix` can do about it. */
  readonly repair?: Repair;
}

export function good(name: string, message: string): Finding {
  return { name, ok: true, message };
}

export function warning(name: string, message: string, fix: string): Finding {
  return { name, ok: true, warning: true, message, fix };
}

export function problem(name: string, message: string, fix: string, repair?: Repair): Finding {
  return { name, ok: false, message, fix, ...(repair && { repair }) };
}
