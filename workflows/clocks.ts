/** By this much, in ms, clocks may differ: Brevo's, Temporal's, and that of whoever reads Brevo. */
export const CLOCK_TOLERANCE_MS = 2000;
