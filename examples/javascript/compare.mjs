// Compares what ./ollyscale sql --json says of a trace of send.mjs with what was sent.
//
//   ./ollyscale sql --json … | node compare.mjs SERVICE
import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';

const service = process.argv[2];
const resource = {
  'service.name': ['string', service],
  'service.version': ['string', '1.2.3'],
  'process.pid': ['int', 4242],
  'process.command_args': ['array', ['node', 'send.mjs']],
};
const scope = {
  name: 'ollyscale.example',
  version: '4.5.6',
  schema_url: 'https://opentelemetry.io/schemas/1.37.0',
};
const expected = [
  {
    name: 'GET /cart',
    kind: 'SERVER',
    status: 'OK',
    status_message: '',
    duration_ms: 25,
    parent: null,
    attributes: {
      'http.request.method': ['string', 'GET'],
      'http.response.status_code': ['int', 200],
      'shop.currency': ['string', 'EUR'],
      'shop.items': ['int', 3],
      'shop.total': ['double', 17.25],
      'shop.returning': ['bool', true],
      'shop.tags': ['array', ['a', '', 'ü']],
      'shop.ids': ['array', [1, 2]],
      'shop.prices': ['array', [0.5, 1.75]],
      'shop.flags': ['array', [true, false]],
    },
    events: [
      {
        name: 'cart.loaded',
        after_ms: 5,
        attributes: { 'shop.items': ['int', 3], 'shop.cached': ['bool', false], 'shop.waits': ['array', [0.25]] },
      },
    ],
    links: null,
    resource,
    scope,
  },
  {
    name: 'SELECT cart',
    kind: 'CLIENT',
    status: 'ERROR',
    status_message: 'no such table',
    duration_ms: 3,
    parent: 'GET /cart',
    attributes: null,
    events: null,
    links: [
      {
        trace: '0af7651916cd43dd8448eb211c80319c',
        span: 'b7ad6b7169203331',
        trace_state: 'vendor=x',
        attributes: { 'messaging.operation.type': ['string', 'process'], 'shop.partition': ['int', 3] },
      },
    ],
    resource,
    scope,
  },
];

try {
  deepStrictEqual(JSON.parse(readFileSync(0, 'utf8')).rows[0].trace, expected);
} catch (difference) {
  console.error(difference.message);
  process.exit(1);
}
