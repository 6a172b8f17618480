/** Rounds: load flows, something breaks, it is mended, and what is stored is compared with what was sent. */
package io.ollyscale.faults.rounds;
