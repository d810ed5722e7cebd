import { describe, expect, it } from '@jest/globals';
import { plainWords } from '../../../didomi/api/plain-words';

describe('what is quoted of Didomi', () => {
  it('never holds a key, not even as a part of a word', () => {
    for (const text of ['Bad key didomi-key', 'Bad keydidomi-key', 'Bad key didomi-keys', 'DIDOMI-KEY']) {
      expect(plainWords(text, ['didomi-key'])).not.toMatch(/didomi-key/i);
    }
  });

  it('keeps words of which a short name is a part', () => {
    expect(plainWords('Analysis of ana failed', ['ana'])).toBe('Analysis of «…» failed');
  });
});
