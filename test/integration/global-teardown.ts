import './global-setup';

export default async function stopTemporal(): Promise<void> {
  await globalThis.testTemporal?.stop();
}
