/** The job's graph, its options, and what a submission prepares. */
package io.ollyscale.jobs;
