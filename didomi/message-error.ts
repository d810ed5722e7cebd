/** A message that is not understood: which field, and why. Carries no value of the message. */
export class DidomiMessageError extends Error {
  override readonly name = 'DidomiMessageError';

  /**
   * @param field where in the message, for example `parameters.entity.created_at`
   * @param problem what is wrong with it, in words that hold no value of it
   */
  constructor(
    readonly field: string,
    readonly problem: string,
    /** Position of the message where several came together. */
    readonly index?: number,
  ) {
    super(`${index === undefined ? '' : `message ${index}: `}${field} ${problem}`);
  }

  /** The same problem, in one message of several. */
  at(index: number): DidomiMessageError {
    return new DidomiMessageError(this.field, this.problem, index);
  }
}
