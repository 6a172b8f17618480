/** The ingest job on processes of their own, what is done to them, and what is stored in the end. */
package io.ollyscale.faults;
