/** Hashes and ids of dimensions, made from all of their fields before any policy drops one. */
package io.ollyscale.schema.identity;
