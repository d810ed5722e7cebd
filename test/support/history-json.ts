import { createRequire } from 'node:module';
import type { History } from './runs';

/** The parts of protobufjs that we need. */
interface ProtoJson {
  toJson(type: unknown, message: unknown): unknown;
  fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): History;
}

interface Type {
  fromObject(object: unknown): unknown;
}

/*
 * What @temporalio/common has for this refuses its own types where npm has installed protobufjs more than once,
 * because it is another copy than the one that made them. So the copy is used that belongs to them.
 */
const inCommon = createRequire(require.resolve('@temporalio/common'));
const inProto = createRequire(inCommon.resolve('@temporalio/proto'));
const protoJson: ProtoJson = inProto('protobufjs/ext/protojson');
const { patchProtobufRoot } = inProto('@temporalio/proto/lib/patch-protobuf-root');
const HISTORY: Type = patchProtobufRoot(inCommon('@temporalio/proto')).lookupType(
  'temporal.api.history.v1.History',
);

/** A history as Temporal's CLI and UI write it. */
export function historyToJson(history: History): unknown {
  return protoJson.toJson(HISTORY, HISTORY.fromObject(history));
}

export function historyFromJson(json: unknown): History {
  return protoJson.fromJson(HISTORY, json, { ignoreUnknownFields: true });
}
