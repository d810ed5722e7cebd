import { bearerToken } from '../../../ingest/auth/bearer';
import { type OwnTokens, ownTokens } from '../../../ingest/auth/own-tokens';
import { OAuthError } from '../../../ingest/oauth/oauth-error';
import { readTokenRequest } from '../../../ingest/oauth/token-request';
import { ProblemError } from '../../../ingest/problem';
import { assertDiscreet, exchangeIn, exchangeText, type Target, understands } from '../target';

const CLIENT = { id: 'didomi', secret: 'zebraquagga-and-more/with+signs%41' };
const FORM = 'application/x-www-form-urlencoded';
const BASIC = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
const PARAMETERS = { grant_type: 'client_credentials', client_id: CLIENT.id, client_secret: CLIENT.secret };
const IN_BODY = new URLSearchParams(PARAMETERS).toString();

/** The characters that RFC 6749 §5.2 allows there. */
const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

const tokenRequest: Target = {
  name: 'token-request',
  corpus: [
    exchangeText(200, { 'content-type': FORM }, IN_BODY),
    exchangeText(200, { 'content-type': 'application/json' }, PARAMETERS),
    exchangeText(200, { authorization: BASIC }, 'grant_type=client_credentials&scope=x'),
    exchangeText(
      200,
      { 'content-type': FORM, authorization: BASIC },
      'grant_type=client_credentials&client_id=didomi',
    ),
  ],
  words: [
    'grant_type',
    'client_id',
    'client_secret',
    'scope',
    'Basic',
    'Bearer',
    'Basic =',
    FORM,
    'text/plain',
    '&',
    '=',
    '%',
    '+',
  ],
  read: (input) => {
    const { headers, body } = exchangeIn(input);
    return understands(
      () => {
        const { grantType, candidates } = readTokenRequest(
          body,
          headers['content-type'],
          headers.authorization,
        );
        if (grantType === '' || candidates.length === 0) throw new Error('a request of nobody is taken');
      },
      [OAuthError],
      (error) => {
        assertDiscreet(error.message, 200);
        if (!DESCRIPTION.test(error.message)) throw new Error(`not as RFC 6749 has it: ${error.message}`);
      },
    );
  },
  share: 1.5,
};

const header: Target = {
  name: 'bearer-header',
  corpus: ['Bearer abc.def-ghi', 'bearer   x', 'Basic eA==', 'Bearer'],
  words: ['Bearer ', 'bearer', ' ', '\t', '.', '=='],
  read: (input) =>
    understands(
      () => bearerToken(input.toString('latin1')),
      [ProblemError],
      (error) => assertDiscreet(JSON.stringify((error as ProblemError).problem), 300),
    ),
};

/** Not the same in two runs: tokens hold the time. */
let tokens: Promise<{ readonly own: OwnTokens; readonly token: string }> | undefined;
async function opened() {
  const own = await ownTokens([CLIENT]);
  return { own, token: await own.issue(CLIENT) };
}

/** `TOKEN` stands for one that was given out; nothing but that may be accepted. */
const token: Target = {
  name: 'access-token',
  corpus: [
    'TOKEN',
    'HEADER.CLAIMS.SIGNATURE',
    '{"alg":"none","typ":"at+jwt"}.CLAIMS.',
    'HEADER.{"exp":9999999999}.SIGNATURE',
  ],
  words: [
    'TOKEN',
    'HEADER',
    'CLAIMS',
    'SIGNATURE',
    '.',
    '..',
    '"none"',
    '"HS512"',
    '"RS256"',
    '"kid"',
    '"crit"',
    '"b64"',
    '"jwk"',
    '"p2c"',
  ],
  read: async (input) => {
    tokens ??= opened();
    const { own, token: given } = await tokens;
    const [head = '', claims = '', signature = ''] = given.split('.');
    // What is JSON in it is encoded, as a forger would.
    const made = input
      .toString('latin1')
      .replaceAll('TOKEN', given)
      .replaceAll('HEADER', head)
      .replaceAll('CLAIMS', claims)
      .replaceAll('SIGNATURE', signature)
      .replace(/\{[^.]*\}/g, (json) => Buffer.from(json).toString('base64url'));
    try {
      await own.authenticate(`Bearer ${made}`);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.problem.status !== 401) throw new Error(`a token that is wrong is a ${error.problem.status}`);
      assertDiscreet(JSON.stringify(error.problem), 400);
      return false;
    }
    if (made.trim() !== given) throw new Error('a token is accepted that was not given out');
    return true;
  },
  share: 0.4,
};

export const ACCESS_TARGETS: readonly Target[] = [tokenRequest, header, token];
