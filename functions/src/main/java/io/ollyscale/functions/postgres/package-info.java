/** Sessions of PostgreSQL, and what its errors mean. */
package io.ollyscale.functions.postgres;
