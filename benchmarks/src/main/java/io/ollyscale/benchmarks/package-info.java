/** End-to-end benchmarks, each with a stack of its own. Never shipped. */
package io.ollyscale.benchmarks;
