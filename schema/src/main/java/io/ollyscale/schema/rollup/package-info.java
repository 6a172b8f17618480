/** What rollups are made of: measures of spans, and the rows that a transaction's spans add. */
package io.ollyscale.schema.rollup;
