import type { Logger } from 'pino';
import { openTelemetry, wantsTraces } from '../../tracing/open-telemetry';
import { setSpanSink } from '../../tracing/tracing';
import type { Service } from './service';

/** That spans cannot be sent is told so often, in ms, however many there are. */
const TELL_EVERY_MS = 60_000;

/** Sends traces where OpenTelemetry's environment variables ask for them, until the service has ended. */
export function openTraces(logger: Logger, service: Pick<Service, 'atEnd'>): void {
  if (!wantsTraces(process.env)) return;
  let toldAt = Number.NEGATIVE_INFINITY;
  const sink = openTelemetry(() => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    logger.warn('traces could not be sent: see OTEL_EXPORTER_OTLP_ENDPOINT; nothing else depends on them');
  });
  setSpanSink(sink);
  service.atEnd(async () => {
    setSpanSink(undefined);
    await sink.close();
  });
  logger.info('traces are sent by OTLP over HTTP');
}
