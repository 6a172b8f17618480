/** Dimensions: which of those that are seen get written, and how. A fact needs none of it to be stored. */
package io.ollyscale.functions.dimensions;
