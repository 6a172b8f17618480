/** What the job is fed with, and what it must have stored in the end. */
package io.ollyscale.faults.load;
