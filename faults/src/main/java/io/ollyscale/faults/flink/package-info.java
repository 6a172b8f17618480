/** A Flink cluster of separate JVMs with high availability, and what a user and an operator do with it. */
package io.ollyscale.faults.flink;
