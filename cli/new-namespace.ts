/** How long closed workflows stay to be looked at in a namespace that we create, in ms. */
export const NEW_NAMESPACE_RETENTION_MS = 30 * 86_400_000;
