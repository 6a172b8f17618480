// Sends the same small trace over gRPC, HTTP with JSON and HTTP with protobuf, each as a service of its own.
//
//   node send.mjs [service]
//
// OTLP_GRPC and OTLP_HTTP name the endpoints; local mode's ports are the default. Prints a line for each transport:
// its name, the service and the trace's id.
import {
  DiagConsoleLogger,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  createTraceState,
  diag,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const service = process.argv[2] ?? 'javascript-example';
const grpc = process.env.OTLP_GRPC ?? 'http://127.0.0.1:4317';
const traces = (process.env.OTLP_HTTP ?? 'http://127.0.0.1:4318') + '/v1/traces';

const exporters = {
  'grpc': new GrpcExporter({ url: grpc }),
  'http-json': new JsonExporter({ url: traces }),
  'http-protobuf': new ProtobufExporter({ url: traces, compression: 'gzip' }),
};

diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

for (const [transport, exporter] of Object.entries(exporters)) {
  try {
    const traceId = await send(`${service}-${transport}`, exporter);
    console.log(`${transport} ${service}-${transport} ${traceId}`);
  } catch (failures) {
    console.error(`${transport}: ${[failures].flat().map((failure) => failure.message)}`);
    process.exitCode = 1;
  }
}

async function send(serviceName, exporter) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': '1.2.3',
      'process.pid': 4242,
      'process.command_args': ['node', 'send.mjs'],
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('ollyscale.example', '4.5.6', {
    schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
  });

  const start = Date.now();
  const cart = tracer.startSpan('GET /cart', {
    kind: SpanKind.SERVER,
    startTime: start,
    attributes: {
      // Indexed columns of their own …
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      // … and what has none.
      'shop.currency': 'EUR',
      'shop.items': 3,
      'shop.total': 17.25,
      'shop.returning': true,
      'shop.tags': ['a', '', 'ü'],
      'shop.ids': [1, 2],
      'shop.prices': [0.5, 1.75],
      'shop.flags': [true, false],
    },
  });
  cart.addEvent('cart.loaded', { 'shop.items': 3, 'shop.cached': false, 'shop.waits': [0.25] }, start + 5);

  const select = tracer.startSpan(
    'SELECT cart',
    {
      kind: SpanKind.CLIENT,
      startTime: start + 1,
      links: [
        {
          context: {
            traceId: '0af7651916cd43dd8448eb211c80319c',
            spanId: 'b7ad6b7169203331',
            traceFlags: TraceFlags.SAMPLED,
            traceState: createTraceState('vendor=x'),
          },
          attributes: { 'messaging.operation.type': 'process', 'shop.partition': 3 },
        },
      ],
    },
    trace.setSpan(ROOT_CONTEXT, cart),
  );
  select.setStatus({ code: SpanStatusCode.ERROR, message: 'no such table' });
  select.end(start + 4);
  cart.setStatus({ code: SpanStatusCode.OK });
  cart.end(start + 25);

  await provider.forceFlush();
  await provider.shutdown();
  return cart.spanContext().traceId;
}
