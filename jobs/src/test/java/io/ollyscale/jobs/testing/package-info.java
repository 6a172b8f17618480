/** The job between real servers, for tests. */
package io.ollyscale.jobs.testing;
