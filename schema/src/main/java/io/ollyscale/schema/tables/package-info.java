/** The catalogue of fact tables as the COPY sees them; a test holds it against the migrated schema. */
package io.ollyscale.schema.tables;
