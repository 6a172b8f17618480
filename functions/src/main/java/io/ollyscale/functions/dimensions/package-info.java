/** Dimensions: which of those that are seen get written, and how. Facts never wait for them. */
package io.ollyscale.functions.dimensions;
