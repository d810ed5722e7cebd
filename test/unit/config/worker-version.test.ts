import { describe, expect, test } from '@jest/globals';
import { readEnvironment } from '../../../config';
import { errorOf } from './support';

const read = (name: string, buildId: string) =>
  readEnvironment({ TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: buildId }).workerVersion;

const problemsWith = (name: string, buildId: string) => errorOf(() => read(name, buildId)).problems;

describe('the version of a worker', () => {
  test('is none where nothing says so, or the variables are empty', () => {
    expect(readEnvironment({}).workerVersion).toBeUndefined();
    expect(read('', '')).toBeUndefined();
  });

  test('is what Temporal’s Worker Controller sets: a name with a slash, a build id with dots', () => {
    expect(read('prod/consent-sync', '0.1.0-5f8c')).toEqual({
      deploymentName: 'prod/consent-sync',
      buildId: '0.1.0-5f8c',
    });
  });

  test.each([
    ['consent-sync', '', 'TEMPORAL_WORKER_BUILD_ID'],
    ['', '0.1.0', 'TEMPORAL_DEPLOYMENT_NAME'],
  ])('of which half is missing is refused: %j %j', (name, buildId, path) => {
    expect(problemsWith(name, buildId)).toMatchObject([
      { path, message: expect.stringContaining('not set') },
    ]);
  });

  test.each([
    ['consent.sync', '1', 'TEMPORAL_DEPLOYMENT_NAME'],
    ['consent:sync', '1', 'TEMPORAL_DEPLOYMENT_NAME'],
    ['__consent-sync', '1', 'TEMPORAL_DEPLOYMENT_NAME'],
    ['consent-sync', '__unversioned__', 'TEMPORAL_WORKER_BUILD_ID'],
    ['consent-sync', 'é'.repeat(241), 'TEMPORAL_WORKER_BUILD_ID'],
  ])('that Temporal would refuse is refused: %j %j', (name, buildId, path) => {
    expect(problemsWith(name, buildId)).toMatchObject([{ path }]);
  });
});
