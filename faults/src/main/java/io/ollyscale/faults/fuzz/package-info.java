/**
 * Decoder and encoder under mutated messages: what a message is made of, how it is changed, and what must hold of each. Jazzer
 * drives it from {@code faults/fuzz}, a test with a fixed seed.
 */
package io.ollyscale.faults.fuzz;
