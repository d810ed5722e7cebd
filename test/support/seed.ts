/**
 * The seed of all generated cases: the same in every run, so that a failure can be repeated, unless PROPERTY_SEED
 * names another one.
 */
export const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_304);
