import { expect, test } from '@jest/globals';
import type { Connection } from '@temporalio/client';
import { TemporalConfigurationError } from '../../../temporal/errors';
import { ensureNamespace } from '../../../temporal/namespace';
import { missingSearchAttributes, registerSearchAttributes } from '../../../temporal/search-attributes';

/** A gRPC error as the client raises it. */
function refusal(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: {} });
}

/** A server that keeps its operator's interface closed, as Temporal Cloud does; no such server runs here. */
function closedServer(aliases: Record<string, string>): Connection {
  const refuse = () => Promise.reject(refusal(7, 'Request unauthorized.'));
  return {
    operatorService: { listSearchAttributes: refuse, addSearchAttributes: refuse },
    workflowService: {
      describeNamespace: async ({ namespace }: { namespace: string }) => {
        if (namespace !== 'ours.a1b2c') throw refusal(5, 'Namespace not found.');
        return { config: { customSearchAttributeAliases: aliases } };
      },
      registerNamespace: refuse,
    },
  } as unknown as Connection;
}

const ALL = {
  Keyword01: 'ConsentSyncOutcome',
  Keyword05: 'ConsentSyncIntegration',
  KeywordList01: 'ConsentEventIds',
};

test('where we may not list search attributes, the namespace tells which there are', async () => {
  expect(await missingSearchAttributes(closedServer(ALL), 'ours.a1b2c')).toEqual({});
  expect(
    await missingSearchAttributes(closedServer({ Keyword01: 'ConsentSyncOutcome' }), 'ours.a1b2c'),
  ).toEqual({
    ConsentSyncIntegration: 'Keyword',
    ConsentEventIds: 'KeywordList',
  });
});

test('a wrong type is noticed there too', async () => {
  const server = closedServer({ ...ALL, KeywordList01: 'Other', Keyword02: 'ConsentEventIds' });
  await expect(missingSearchAttributes(server, 'ours.a1b2c')).rejects.toThrow(
    /ConsentEventIds .* is of type Keyword, and KeywordList is needed/,
  );
});

test('where we may not register search attributes, the error says how to do it, on Temporal Cloud too', async () => {
  const registering = registerSearchAttributes(
    closedServer({ Keyword01: 'ConsentSyncOutcome' }),
    'ours.a1b2c',
  );
  await expect(registering).rejects.toThrow(TemporalConfigurationError);
  await expect(registering).rejects.toThrow(
    'tcld namespace search-attributes add --namespace ours.a1b2c --sa "ConsentSyncIntegration=Keyword" --sa "ConsentEventIds=KeywordList"',
  );
  await expect(registering).rejects.toThrow(
    'temporal operator search-attribute create --namespace ours.a1b2c --name ConsentSyncIntegration --type Keyword --name ConsentEventIds --type KeywordList',
  );
});

test('nothing is asked of such a server when all are there', async () => {
  expect(await registerSearchAttributes(closedServer(ALL), 'ours.a1b2c')).toEqual([]);
});

test('where we may not create a namespace, the error says how to do it', async () => {
  await expect(ensureNamespace(closedServer({}), 'none', { retentionMs: 86_400_000 })).rejects.toThrow(
    /no namespace "none", and the server does not let us create it \(Request unauthorized\.\).*tcld namespace create/,
  );
});
