import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's status codes that we tell apart. */
export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/** The server does not let us, and trying again will not help. */
export const REFUSALS: ReadonlySet<number> = new Set([PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED]);

/** The gRPC status code of an error that came from the server, else undefined. */
export function grpcCode(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}

/** What the server said, without gRPC's own wrapping. */
export function grpcMessage(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details || error.message;
  return error instanceof Error ? error.message : String(error);
}
