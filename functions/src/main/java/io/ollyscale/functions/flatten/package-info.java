/** The operator between source and sink: a record's bytes become rows. Touches no database. */
package io.ollyscale.functions.flatten;
