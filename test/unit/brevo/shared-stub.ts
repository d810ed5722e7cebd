import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { StubBrevo } from './stub-brevo';

/** One stub for all tests of a file, without requests before each. */
export function sharedStub(): () => StubBrevo {
  let stub: StubBrevo;
  beforeAll(async () => {
    stub = await StubBrevo.start();
  });
  afterAll(() => stub.close());
  beforeEach(() => {
    stub.requests.length = 0;
  });
  return () => stub;
}
