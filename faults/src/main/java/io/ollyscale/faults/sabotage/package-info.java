/** Bugs that are put into the job on purpose, to show that the suite finds them. */
package io.ollyscale.faults.sabotage;
